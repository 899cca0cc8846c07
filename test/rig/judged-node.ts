/** `corebgp up` under churn with BIRD as neighbour, and the judgement on it: tables against oracles, withdrawals against causes. */
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BirdServer, startBird } from '../servers/bird.ts';
import type { GobgpGeneration } from '../servers/gobgpd.ts';
import { freePort } from '../servers/places.ts';
import { type Churn, createChurn } from './churn.ts';
import { never } from './eventually.ts';
import { type HttpBackend, startBackend } from './http-backend.ts';
import { type NodeProcess, startNodeProcess } from './node-process.ts';
import { readStore, requiredPaths, violations } from './oracle.ts';
import { birdTable, gobgpTable, type PathTable, tableDifferences } from './path-table.ts';
import { type Seeded, seeded } from './seeded.ts';
import { createWithdrawals, lossesIn, lossesOverRestarts, type Withdrawals } from './withdrawals.ts';

export interface JudgedNode {
  readonly node: NodeProcess;
  readonly bird: BirdServer;
  readonly backends: readonly HttpBackend[];
  readonly random: Seeded;
  readonly churn: Churn;
  readonly withdrawals: Withdrawals;
  /** GoBGP's table now. */
  table(): Promise<PathTable>;
  /** Waits until GoBGP's table is what the store's records demand. @returns milliseconds since `since`. */
  untilEqual(since: number, withinMs: number): Promise<number>;
  /** Waits until store, GoBGP and BIRD agree with the driver's truth, then judges the withdrawals so far. */
  judge(): Promise<void>;
  /** Changes from several workers until stopped; resolves once nothing is in flight. */
  keepChanging(workers?: number): { stop(): Promise<void> };
  close(): Promise<void>;
}

export interface JudgedNodeOptions {
  readonly generation: GobgpGeneration;
  readonly seed: number;
  /** Further flags of `corebgp up`. */
  readonly flags?: readonly string[];
  /** gobgpd itself will be killed, and give out new path identifiers: only the loss of a next hop is a withdrawal then. */
  readonly daemonRestarts?: boolean;
}

// Many calls in flight share it.
setMaxListeners(0, never);

/** The project that permits all that these tests announce. */
export const everything = {
  kind: 'Project',
  metadata: { name: 'default' },
  spec: {
    prefixes: [{ prefix: '203.0.113.0/24' }, { prefix: '2001:db8::/32' }],
    nextHops: ['127.0.0.0/8', '10.0.0.0/8', '::1/128', '2001:db8:1::/64'],
  },
};

/** The Peer resource of a BIRD at 127.0.0.2. */
export const birdPeer = (asn: number, port: number) => ({
  kind: 'Peer',
  metadata: { name: 'bird' },
  spec: { address: '127.0.0.2', asn, port, multihop: 2, timers: { connectRetry: '1s' }, addPath: { send: 8 } },
});

export async function startJudgedNode(options: JudgedNodeOptions): Promise<JudgedNode> {
  const { generation, seed, flags = [], daemonRestarts = false } = options;
  const random = seeded(seed);
  const withdrawals = createWithdrawals(daemonRestarts ? lossesOverRestarts : lossesIn);
  const listenPort = await freePort('127.0.0.2');
  const node = await startNodeProcess({ generation, flags });
  const bird = await startBird({
    asn: node.asn,
    listenPort,
    neighbors: [{ name: 'corebgp', address: node.speakerAddress, port: node.speakerPort, asn: node.asn }],
  });
  const first = await startBackend('127.0.0.11');
  const others = ['127.0.0.12', '127.0.0.13', '::1'].map((address) => startBackend(address, first.port));
  const backends = [first, ...(await Promise.all(others))];
  await node.apply(everything, birdPeer(node.asn, listenPort));
  await bird.established();
  const churn = createChurn({ node, backends, random, withdrawals });
  const socket = join(node.folder, 'gobgpd/gobgpd.sock');
  const speaker = { name: 'n1', asn: node.asn };
  const table = () => gobgpTable(generation, socket);

  const agrees = async (): Promise<readonly string[]> => {
    const truth = churn.truth();
    const required = requiredPaths(await readStore(node.url), speaker);
    const undecided = [...required.either.keys()].map((path) => `nobody stands behind the verdict on ${path}`);
    return [
      ...undecided,
      ...tableDifferences('the store', truth, required.present),
      ...tableDifferences('GoBGP', truth, await table()),
      ...tableDifferences('BIRD', truth, birdTable(await bird.table(never))),
    ];
  };
  const poll = async (look: () => Promise<readonly string[]>, what: string, since: number, withinMs: number) => {
    for (;;) {
      // The daemon may be between two lives.
      const wrong = await look().catch((error: unknown) => [String(error)]);
      const took = Date.now() - since;
      if (wrong.length === 0 && took <= withinMs) return took;
      if (took > withinMs) {
        const log = node.log().split('\n').slice(-40).join('\n');
        throw new Error(`SEED=${seed}: ${what} not within ${withinMs} ms (${took}):\n${wrong.join('\n')}\n${log}`);
      }
      await pause(25);
    }
  };

  return {
    node,
    bird,
    backends,
    random,
    churn,
    withdrawals,
    table,
    untilEqual: (since, withinMs) =>
      poll(
        async () => violations(requiredPaths(await readStore(node.url), speaker), await table()),
        "GoBGP's table is the oracle's",
        since,
        withinMs,
      ),
    judge: async () => {
      await poll(agrees, 'everything agrees with what was done', Date.now(), 15_000);
      const events = bird.events();
      const unexplained = withdrawals.check(events).map(({ time, prefix, nextHop }) => {
        const history = withdrawals.historyOf(prefix, nextHop).join('\n    ');
        const log = node
          .log()
          .split('\n')
          .filter((line) => line.includes(prefix))
          .slice(-12)
          .join('\n    ');
        return `${new Date(time).toISOString()} ${prefix} ${nextHop} left without a cause.\n  Done to it:\n    ${history}\n  Logged:\n    ${log}`;
      });
      if (unexplained.length > 0) throw new Error(`SEED=${seed}:\n${unexplained.join('\n')}`);
      withdrawals.settle();
    },
    keepChanging: (workers = 3) => {
      let stopped = false;
      const failures: unknown[] = [];
      const work = async () => {
        while (!stopped) {
          await churn.change();
          await pause(random.between(1, 25));
        }
      };
      const running = Array.from({ length: workers }, () =>
        work().catch((error: unknown) => {
          failures.push(error);
        }),
      );
      return {
        stop: async () => {
          stopped = true;
          await Promise.all(running);
          if (failures.length > 0) throw failures[0];
        },
      };
    },
    close: async () => {
      await bird.close();
      await node.close();
      await Promise.all(backends.map((backend) => backend.die()));
    },
  };
}
