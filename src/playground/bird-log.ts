/**
 * BIRD's update log: every announcement and withdrawal a neighbour received, in order and with its time. A table shows what
 * holds at one moment; only the log proves that nothing was withdrawn in between.
 */

export type BirdEvent =
  | {
      readonly kind: 'announce' | 'withdraw';
      /** Milliseconds since 1970. */
      readonly time: number;
      /** Name of the protocol, that is of the neighbour, which said it. */
      readonly protocol: string;
      readonly prefix: string;
      /** As received; the neighbour's own numbering (GoBGP does not pass ours on). 0 without add-path. */
      readonly pathId: number;
      /** Of a withdrawal: the one that was announced last under the path identifier. Undefined when no announcement was logged. */
      readonly nextHop?: string;
    }
  | { readonly kind: 'up' | 'down'; readonly time: number; readonly protocol: string };

/** The import filter that makes BIRD log the next hop, which its own route lines lack; see birdConfig. */
export const loggingFilter = 'print "received ", proto, " ", net, " via ", bgp_next_hop;';

const stamped = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+) <(\w+)> (.*)$/;
const received = /^received (\S+) (\S+) via (\S+)/;
const routeChange = /^(\S+)\.\S+ > (added|updated|replaced|removed)(?: \[\w+\])? (\S+) (\d+)L /;
const session = /^(\S+): BGP session (established|closed)$/;

/**
 * Parses log text of a BIRD that birdConfig configured, in whole lines. A route line follows at once the line in which the filter printed
 * its next hop. An announcement that changes nothing is logged by BIRD as "ignored", and left out here.
 * Losing a session logs `down` and then a withdrawal for each route it had brought; with graceful restart (RFC 4724) only `down`, and the
 * withdrawals of what did not come again when the neighbour was back.
 */
export function parseBirdLog(text: string): BirdEvent[] {
  const events: BirdEvent[] = [];
  const nextHops = new Map<string, string>();
  const up = new Set<string>();
  let printed: { readonly prefix: string; readonly nextHop: string } | undefined;
  for (const line of text.split('\n')) {
    const [, day, clockTime, , message = ''] = stamped.exec(line) ?? [];
    if (day === undefined) continue;
    const time = Date.parse(`${day}T${clockTime}Z`);

    const print = received.exec(message);
    if (print !== null) {
      printed = { prefix: print[2] ?? '', nextHop: print[3] ?? '' };
      continue;
    }
    const change = routeChange.exec(message);
    if (change !== null) {
      const [, protocol = '', what, prefix = '', id] = change;
      const key = `${protocol} ${prefix} ${id}`;
      if (what !== 'removed' && printed?.prefix === prefix) nextHops.set(key, printed.nextHop);
      const nextHop = nextHops.get(key);
      const kind = what === 'removed' ? 'withdraw' : 'announce';
      events.push({ kind, time, protocol, prefix, pathId: Number(id), ...(nextHop === undefined ? {} : { nextHop }) });
      if (what === 'removed') nextHops.delete(key);
      printed = undefined;
      continue;
    }
    const state = session.exec(message);
    if (state === null) continue;
    const [, protocol = '', what] = state;
    if (what === 'established') {
      up.add(protocol);
      events.push({ kind: 'up', time, protocol });
    } else if (up.delete(protocol)) {
      // Attempts that never came up are closed too.
      events.push({ kind: 'down', time, protocol });
    }
  }
  return events;
}

export interface NextHopChange {
  readonly kind: 'gained' | 'lost';
  readonly time: number;
  readonly protocol: string;
  readonly prefix: string;
  readonly nextHop: string;
}

/**
 * When a next hop of a prefix came and went, whatever path identifier carried it. Path identifiers are the sender's (GoBGP gives them out anew when it
 * restarts), so an announcement can replace one next hop by another without a withdrawal; here that is a loss. What is logged in
 * the same millisecond counts as one instant: two paths that swap identifiers lose nothing.
 */
export function nextHopChanges(events: readonly BirdEvent[]): NextHopChange[] {
  const changes: NextHopChange[] = [];
  /** Of (protocol, prefix): next hop by path identifier. */
  const held = new Map<string, Map<number, string>>();
  let index = 0;
  while (index < events.length) {
    const time = events[index]?.time ?? 0;
    /** As they were before this instant. */
    const before = new Map<string, { protocol: string; prefix: string; nextHops: ReadonlySet<string> }>();
    for (; events[index]?.time === time; index += 1) {
      const event = events[index];
      if (event === undefined || !('prefix' in event)) continue;
      const { protocol, prefix, pathId, nextHop } = event;
      const key = `${protocol} ${prefix}`;
      const paths = held.get(key) ?? new Map<number, string>();
      held.set(key, paths);
      if (!before.has(key)) before.set(key, { protocol, prefix, nextHops: new Set(paths.values()) });
      if (event.kind === 'withdraw') paths.delete(pathId);
      else paths.set(pathId, nextHop ?? 'unknown');
    }
    for (const [key, { protocol, prefix, nextHops }] of before) {
      const after = new Set(held.get(key)?.values());
      for (const nextHop of nextHops)
        if (!after.has(nextHop)) changes.push({ kind: 'lost', time, protocol, prefix, nextHop });
      for (const nextHop of after)
        if (!nextHops.has(nextHop)) changes.push({ kind: 'gained', time, protocol, prefix, nextHop });
    }
  }
  return changes;
}
