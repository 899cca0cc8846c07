/** What must go goes, in time: the twins of the tests in which nothing may go. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endpoints } from '../../src/contract/endpoints.ts';
import type { BirdRoute } from '../../src/playground/bird-table.ts';
import { never } from '../rig/eventually.ts';
import { type HttpBackend, startBackend } from '../rig/http-backend.ts';
import { birdPeer, everything } from '../rig/judged-node.ts';
import { type RoleProcesses, startRoles } from '../rig/role-process.ts';
import { type BirdServer, startBird } from '../servers/bird.ts';
import { gobgpGenerations } from '../servers/gobgpd.ts';
import { freePort } from '../servers/places.ts';

const withinMs = 5_000;

describe.each(gobgpGenerations)('with GoBGP %i', (generation) => {
  let roles: RoleProcesses;
  let bird: BirdServer;
  let backend: HttpBackend;

  beforeAll(async () => {
    const listenPort = await freePort('127.0.0.2');
    roles = await startRoles(generation);
    const { speakerAddress: address, speakerPort: port, asn } = roles;
    bird = await startBird({ asn, listenPort, neighbors: [{ name: 'corebgp', address, port, asn }] });
    backend = await startBackend('127.0.0.11');
    await roles.apply(everything, birdPeer(asn, listenPort));
    await bird.established();
  });
  afterAll(async () => {
    await bird?.close();
    await roles?.close();
    await backend?.die();
  });

  const shows = (...prefixes: readonly string[]) =>
    bird.tableWhen((routes) => held(routes).join() === [...prefixes].sort().join(), withinMs);
  const both = (index: number) => [`203.0.113.${index}/32`, `2001:db8::${index}/128`];
  const announce = (name: string, prefixes: readonly string[]) =>
    roles.apply({
      kind: 'Announcement',
      metadata: { name },
      spec: {
        prefixes,
        nextHops: ['10.0.1.11', '2001:db8:1::11']
          .filter((address) => prefixes.some((prefix) => prefix.includes(':') === address.includes(':')))
          .map((address) => ({ address })),
      },
    });
  const remove = (name: string) =>
    roles.client.call(endpoints.announcements.delete, { params: { project: 'default', name } }, never);
  const withoutUpdater = async (change: () => Promise<unknown>) => {
    await roles.end('updater', 'SIGKILL');
    await change();
    await roles.start('updater');
  };

  test('deleted while the updater was down: gone after its return, the last one too', async () => {
    await announce('a', both(1));
    await announce('b', both(2));
    await shows(...both(1), ...both(2));
    await withoutUpdater(() => remove('a'));
    await shows(...both(2));
    await withoutUpdater(() => remove('b'));
    await shows();
  });

  test('the last announcement deleted: gone', async () => {
    await announce('last', both(3));
    await shows(...both(3));
    await remove('last');
    await shows();
  });

  test('10 of 12 deleted: gone, and the two others never left', async () => {
    const all = Array.from({ length: 12 }, (_, index) => index + 20);
    for (const index of all) await announce(`s${index}`, both(index));
    await shows(...all.flatMap(both));
    const from = bird.events().length;
    await Promise.all(all.slice(0, 10).map((index) => remove(`s${index}`)));
    await shows(...all.slice(10).flatMap(both));
    const left = bird.events().slice(from);
    expect(left.filter((event) => 'prefix' in event && all.slice(10).flatMap(both).includes(event.prefix))).toEqual([]);
    await Promise.all(all.slice(10).map((index) => remove(`s${index}`)));
    await shows();
  });

  test('a prefix renamed, with the updater there or away: the old one goes, the new one comes', async () => {
    await announce('renamed', both(40));
    await shows(...both(40));
    await announce('renamed', both(41));
    await shows(...both(41));
    await withoutUpdater(() => announce('renamed', both(42)));
    await shows(...both(42));
    await remove('renamed');
    await shows();
  });

  test('a next hop that dies while the updater is down, or a second after its return: gone', async () => {
    await roles.apply({
      kind: 'Announcement',
      metadata: { name: 'checked' },
      spec: {
        prefixes: ['203.0.113.50/32'],
        nextHops: [{ address: backend.address }],
        healthCheck: { type: 'http', port: backend.port, interval: '500ms', fastInterval: '100ms', timeout: '400ms' },
      },
    });
    await shows('203.0.113.50/32');
    await withoutUpdater(async () => {
      await backend.die();
      await pause(1_500);
      expect(held(await bird.table(never))).toEqual(['203.0.113.50/32']);
    });
    await shows();
    await backend.revive();
    await shows('203.0.113.50/32');
    await withoutUpdater(async () => {});
    await pause(1_000);
    await backend.die();
    await shows();
    await remove('checked');
  });

  test('every component killed: no path moves', async () => {
    await announce('still', both(60));
    await shows(...both(60));
    const from = bird.events().length;
    for (const role of ['api', 'checker', 'updater'] as const) await roles.end(role, 'SIGKILL');
    await pause(2_000);
    expect(held(await bird.table(never))).toEqual(both(60).sort());
    for (const role of ['updater', 'checker', 'api'] as const) await roles.start(role);
    await pause(1_000);
    expect(bird.events().slice(from)).toEqual([]);
    await remove('still');
    await shows();
  });
});

function held(routes: readonly BirdRoute[]): readonly string[] {
  return routes.map(({ prefix }) => prefix).sort();
}
