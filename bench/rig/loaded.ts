/** An API server with many announcements of two next hops each; its store is filled once a run of the benchmark. */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from '../measure.ts';
import type { RowContext } from '../row.ts';
import { type BenchNode, startBenchNode } from './node.ts';
import { announcement, fillStore, nextHopOf, project } from './resources.ts';

const healthCheck = { type: 'tcp', port: 80 } as const;

/** The announcement with this index, as the store is filled with it. */
export const loadedAnnouncement = (index: number) =>
  announcement(index, [{ address: nextHopOf(2 * index) }, { address: nextHopOf(2 * index + 1) }], { healthCheck });

export const loadedCount = (quick: boolean): number => (quick ? 10_000 : 100_000);

let filled: Promise<string> | undefined;

/** A running `corebgp api` on a folder of its own. */
export async function startLoadedNode({ folder, quick, progress }: RowContext, name: string): Promise<BenchNode> {
  filled ??= fill();
  const own = join(folder, name);
  cpSync(await filled, own, { recursive: true });
  rmSync(join(own, 'store/lock'), { force: true });
  return startBenchNode({ verb: 'api', folder: own });

  async function fill(): Promise<string> {
    const template = join(folder, 'loaded');
    mkdirSync(template);
    const bodies = Array.from({ length: loadedCount(quick) }, (_, index) => loadedAnnouncement(index));
    const ms = await timed(() => fillStore(template, [project], bodies));
    progress(`${bodies.length} announcements created in ${(ms / 1_000).toFixed(1)} s`);
    return template;
  }
}

/** Megabytes (10⁶ bytes), from proc(5) status. */
export function memoryOf(pid: number) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024) / 1e6;
  return { rss: field('VmRSS'), anonymous: field('RssAnon'), peak: field('VmHWM') };
}

/** Follows the resident memory until stopped; answers the largest growth, megabytes. */
export function watchMemory(pid: number): () => number {
  const before = memoryOf(pid).rss;
  let most = before;
  const look = () => {
    most = Math.max(most, memoryOf(pid).rss);
  };
  const timer = setInterval(look, 25);
  return () => {
    clearInterval(timer);
    look();
    return most - before;
  };
}

export interface LoopLag {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** prom-client's histogram is of a timer every so many milliseconds, and has that in its figures. */
const timerMs = 10;

/** How late the server's event loop was since this was asked last: its own histogram, which reading empties. */
export async function loopLag(url: string): Promise<LoopLag> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const of = (name: string) => {
    const seconds = Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)`, 'm').exec(text)?.[1]);
    return Math.max(0, seconds * 1_000 - timerMs);
  };
  return { p50: of('p50'), p99: of('p99'), max: of('max') };
}
