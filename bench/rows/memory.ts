/** Resident memory: an idle node, and an API server with 100,000 announcements of two next hops each. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gobgpdOf } from '../../test/servers/gobgpd.ts';
import { freePort } from '../../test/servers/places.ts';
import { loadedCount, memoryOf, startLoadedNode } from '../rig/loaded.ts';
import { ending, startBenchNode } from '../rig/node.ts';
import { asn } from '../rig/resources.ts';
import { atMost, type Result, type Row, type RowContext } from '../row.ts';

const settleMs = 10_000;

export const memoryRow: Row = {
  name: 'memory',
  what: 'resident memory, 10 s after the start',
  measure: async (context) => {
    const bare = await bareNode();
    return [await idle(context, bare), await loaded(context, bare)];
  },
};

async function idle({ folder }: RowContext, bare: number): Promise<Result> {
  const own = join(folder, 'memory-idle');
  mkdirSync(own);
  const tool = gobgpdOf(4);
  const identity = ['--speaker-asn', String(asn), '--speaker-router-id', '192.0.2.1', '--speaker-binary', tool.path];
  const listen = ['--speaker-listen-port', String(await freePort()), '--speaker-listen-addresses', '127.0.0.1'];
  const node = await startBenchNode({ verb: 'up', folder: own, flags: [...identity, ...listen], env: tool.env });
  try {
    await pause(settleMs);
    return resultOf('corebgp up, idle (without its gobgpd)', node.pid, bare, 150);
  } finally {
    await node.close();
  }
}

async function loaded(context: RowContext, bare: number): Promise<Result> {
  const count = loadedCount(context.quick);
  const node = await startLoadedNode(context, 'memory-loaded');
  try {
    await pause(settleMs);
    const what = `corebgp api, ${count.toLocaleString('en-US')} announcements with 2 next hops`;
    const result = resultOf(what, node.pid, bare, 400);
    return { ...result, details: { ...result.details, 'ready after, ms': node.readyMs } };
  } finally {
    await node.close();
  }
}

function resultOf(what: string, pid: number, bare: number, most: number): Result {
  const { rss, anonymous, peak } = memoryOf(pid);
  return {
    what,
    unit: 'MB',
    value: rss,
    runs: [rss],
    limit: { what: 'node that only waits', value: bare, runs: [bare] },
    mark: atMost(most, rss, 'MB'),
    details: { 'of it not mapped files, MB': anonymous, 'peak, MB': peak },
  };
}

async function bareNode(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  const ended = ending(child);
  await pause(1_000);
  const { rss } = memoryOf(child.pid ?? 0);
  child.kill('SIGKILL');
  await ended;
  return rss;
}
