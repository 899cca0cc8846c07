/** Clients that only read must not delay what checks find out: the API shares the process with the checker and the updater. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startJudgedNode } from '../rig/judged-node.ts';
import { startReaderCrowd } from '../rig/reader-crowd.ts';

const announcements = 460;

test('a dead next hop is withdrawn in seconds while 300 clients list without a pause, and health is answered', async () => {
  const { node, bird, backends, close } = await startJudgedNode({ generation: 4, seed: 1 });
  try {
    const [one, two] = backends;
    if (one === undefined || two === undefined) throw new Error('there are four');
    await node.apply(
      ...Array.from({ length: announcements }, (_, index) => ({
        kind: 'Announcement',
        metadata: { name: `web-${index}` },
        spec: {
          prefixes: [`2001:db8:0:${(index + 1).toString(16)}::/64`],
          nextHops: [{ address: '2001:db8:1::1' }],
        },
      })),
      {
        kind: 'Announcement',
        metadata: { name: 'checked' },
        spec: {
          prefixes: ['203.0.113.10/32'],
          nextHops: [one, two].map(({ address }) => ({ address })),
          healthCheck: { type: 'http', port: one.port, interval: '1s', fastInterval: '200ms', timeout: '500ms' },
        },
      },
    );
    await bird.tableWhen((routes) => routes.filter(({ prefix }) => prefix === '203.0.113.10/32').length === 2);
    const crowd = startReaderCrowd(`${node.url}/v1/announcements`, 300);
    let answers: Readonly<Record<string, number>>;
    try {
      await pause(3_000);
      const died = performance.now();
      await two.die();
      await bird.tableWhen((routes) => routes.filter(({ prefix }) => prefix === '203.0.113.10/32').length === 1);
      expect(performance.now() - died).toBeLessThan(10_000);
      const health = await fetch(`${node.url}/healthz`, { signal: AbortSignal.timeout(10_000) });
      expect(health.status).toBe(200);
    } finally {
      answers = await crowd.end();
    }
    expect(Object.keys(answers).filter((status) => status !== '200' && status !== '429')).toEqual([]);
    expect(answers['200']).toBeGreaterThan(0);
    expect(node.log()).not.toContain('speakerUnresponsive');
  } finally {
    await close();
  }
});
