/** The live view: what BIRD's table holds now and why, printed again whenever it changes. */
import { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { BirdRoute } from './bird-table.ts';
import { announcementName, prefix, project } from './resources.ts';
import type { World } from './world.ts';

const lookEveryMs = 250;

/** Runs until the signal is aborted. */
export async function showLive(
  world: World,
  clock: Clock,
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let shown = '';
  while (!signal.aborted) {
    const now = await look(world, signal);
    if (now !== shown) print(`\n${isoTime(clock)}  BIRD's table:\n${now}\n`);
    shown = now;
    await clock.sleep(lookEveryMs, signal).catch(() => {});
  }
}

async function look(world: World, signal: AbortSignal): Promise<string> {
  const routes = await world.bird.table(signal);
  const why = await reasons(world, signal);
  const lines = routes.map((route) => `  ${describe(route)}`);
  if (lines.length === 0) lines.push('  (empty)');
  lines.push(`Why: ${why.headline}`);
  for (const backend of world.backends) {
    // One that a person started is not ours to see; whether it answers is what its health says.
    const process = backend.pid() === undefined ? 'not started here' : `started here, pid ${backend.pid()}`;
    lines.push(
      `  ${backend.address}  ${(why.byNextHop.get(backend.address) ?? 'not declared').padEnd(44)} ${backend.name}, ${process}`,
    );
  }
  return lines.join('\n');
}

function describe({ prefix: net, nextHop, best, localPref, communities }: BirdRoute): string {
  return `${net} via ${nextHop}  local-pref ${localPref ?? '-'}  communities ${communities.join(' ') || '-'}${best ? '  (best)' : ''}`;
}

async function reasons(world: World, signal: AbortSignal) {
  const byNextHop = new Map<string, string>();
  try {
    const { status } = await world.client.call(
      endpoints.announcements.get,
      { params: { project, name: announcementName } },
      signal,
    );
    for (const hop of status?.nextHops ?? []) {
      const health = hop.reason === undefined ? hop.health : `${hop.health} (${hop.reason})`;
      byNextHop.set(hop.address, `health ${health}, path: ${hop.path} (${hop.why})`);
    }
    return { headline: `announcement ${project}/${announcementName} is ${status?.state ?? 'unknown'}`, byNextHop };
  } catch (error) {
    if (!(error instanceof CoreBgpError) || error.code !== 'notFound') throw error;
    return {
      headline: `${prefix} is not announced: there is no announcement ${project}/${announcementName}`,
      byNextHop,
    };
  }
}
