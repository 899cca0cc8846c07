/** gobgpd killed under CoreBGP: it is started again, told everything, and only then gets its neighbours back. */

import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { endpoints } from '../../src/contract/endpoints.ts';
import { eventually, never } from '../rig/eventually.ts';
import { startBackend } from '../rig/http-backend.ts';
import { birdPeer, everything, startJudgedNode } from '../rig/judged-node.ts';
import { startRoles } from '../rig/role-process.ts';
import { seedOf } from '../rig/seeded.ts';
import { lossesOverRestarts } from '../rig/withdrawals.ts';
import { startBird } from '../servers/bird.ts';
import { gobgpGenerations } from '../servers/gobgpd.ts';
import { freePort } from '../servers/places.ts';

const seed = seedOf();
const kills = Number(process.env['KILLS'] ?? 6);

describe.each(gobgpGenerations)('with GoBGP %i', (generation) => {
  test(`kill -9 of gobgpd, ${kills} times under churn: respawned, and its table the oracle's within 5 s (SEED=${seed})`, async () => {
    const judged = await startJudgedNode({ generation, seed, daemonRestarts: true });
    const { node, bird, churn, random } = judged;
    try {
      const times: number[] = [];
      for (let kill = 0; kill < kills; kill += 1) {
        const working = judged.keepChanging();
        await pause(random.between(200, 800));
        if (random.chance(0.5)) await churn.toggleBackend();
        const daemon = node.gobgpdPid();
        process.kill(daemon, 'SIGKILL');
        const since = Date.now();
        await pause(random.between(0, 400));
        await working.stop();
        times.push(await judged.untilEqual(since, 5_000));
        expect(node.gobgpdPid()).not.toBe(daemon);
        await bird.established();
        await judged.judge();
      }
      process.stdout.write(
        `GoBGP ${generation}, SEED=${seed}: ${kills} kills of gobgpd, ${JSON.stringify(churn.counts())}, ` +
          `${judged.withdrawals.counts().seen} next hops lost, all meant; equal after ${times.join(' ')} ms\n`,
      );
    } finally {
      await judged.close();
    }
  });

  test('a path that nobody checks any more is announced again by the gobgpd that comes after', async () => {
    const listenPort = await freePort('127.0.0.2');
    const roles = await startRoles(generation);
    const { speakerAddress: address, speakerPort: port, asn } = roles;
    const bird = await startBird({ asn, listenPort, neighbors: [{ name: 'corebgp', address, port, asn }] });
    const backends = [await startBackend('127.0.0.11')];
    backends.push(await startBackend('127.0.0.12', backends[0]?.port));
    try {
      await roles.apply(everything, birdPeer(asn, listenPort), {
        kind: 'Announcement',
        metadata: { name: 'web' },
        spec: {
          prefixes: ['203.0.113.10/32'],
          nextHops: backends.map((backend) => ({ address: backend.address })),
          healthCheck: { type: 'tcp', port: backends[0]?.port, interval: '500ms', timeout: '400ms' },
        },
      });
      await bird.tableWhen((routes) => routes.length === 2);
      await roles.end('checker', 'SIGKILL');
      const params = { project: 'default', name: 'web' };
      await eventually(async () => {
        const { status } = await roles.client.call(endpoints.announcements.get, { params }, never);
        expect(status?.nextHops.map(({ fresh, path }) => [fresh, path])).toEqual([
          [false, 'keep'],
          [false, 'keep'],
        ]);
      }, 'the verdicts are stale');
      for (let kill = 0; kill < 2; kill += 1) {
        const daemon = roles.gobgpdPid();
        process.kill(daemon, 'SIGKILL');
        await eventually(() => expect(roles.gobgpdPid()).not.toBe(daemon), 'gobgpd is started again');
        await eventually(
          async () => {
            const { status } = await roles.client.call(endpoints.speakers.get, { params: { name: 'n1' } }, never);
            expect(status).toMatchObject({ paths: 2, peers: [{ name: 'bird', session: 'established' }] });
          },
          'both paths are in again',
          20_000,
        );
      }
      expect((await bird.table(never)).map(({ nextHop }) => nextHop).sort()).toEqual(['127.0.0.11', '127.0.0.12']);
      expect(lossesOverRestarts(bird.events())).toEqual([]);
    } finally {
      await bird.close();
      await roles.close();
      await Promise.all(backends.map((backend) => backend.die()));
    }
  });
});
