/** A next hop that comes back to a check it once had is judged by what is found out now, not by the verdict of that time. */

import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startJudgedNode } from '../rig/judged-node.ts';

test('a check edited back and forth withdraws nothing, and a dead next hop that is put back is not announced', async () => {
  const { node, bird, backends, close } = await startJudgedNode({ generation: 4, seed: 1 });
  try {
    const [one, two] = backends;
    if (one === undefined || two === undefined) throw new Error('there are four');
    const apply = (path: string, ...nextHops: readonly { readonly address: string }[]) =>
      node.apply({
        kind: 'Announcement',
        metadata: { name: 'web' },
        spec: {
          prefixes: ['203.0.113.10/32'],
          nextHops: nextHops.map(({ address }) => ({ address })),
          healthCheck: { type: 'http', port: one.port, path, interval: '1s', fastInterval: '200ms', timeout: '500ms' },
        },
      });
    const shows = (count: number) => bird.tableWhen((routes) => routes.length === count);
    await apply('/', one, two);
    await shows(2);
    await one.die();
    await shows(1);
    await apply('/other', one, two);
    await pause(1_500);
    await one.revive();
    await shows(2);
    const edited = bird.events().length;
    await apply('/', one, two);
    await pause(3_000);
    expect(bird.events().slice(edited)).toEqual([]);

    await apply('/', two);
    await shows(1);
    await one.die();
    const removed = bird.events().length;
    await apply('/', one, two);
    await pause(3_000);
    expect(bird.events().slice(removed)).toEqual([]);
    await one.revive();
    await shows(2);
  } finally {
    await close();
  }
});
