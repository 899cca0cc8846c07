/** When each lease ends. In memory only: after a start every lease has its full life ahead of it. */
import type { Clock } from '../../runtime/clock.ts';

/**
 * A timer this late means that the whole process stood still, and keepalives wait unread in the sockets: they get
 * their turn before anything ends.
 */
const stalledMs = 100;

export interface Deadlines {
  /** A full life from now on. */
  set(lease: string, ttlMs: number): void;
  /** The same for a lease that is still there; false when it is gone. */
  renew(lease: string): boolean;
  has(lease: string): boolean;
  count(): number;
  isOver(lease: string): boolean;
  /** Its life in milliseconds, undefined when there was none. */
  remove(lease: string): number | undefined;
  /** Nothing ends any more. */
  close(): void;
}

/** @param onOver called with the leases that are over, the one that ended first first; they stay until removed. */
export function createDeadlines(clock: Clock, onOver: (leases: readonly string[]) => void): Deadlines {
  /** In the order of their last renewal. */
  const leases = new Map<string, { readonly ttlMs: number; readonly ends: number }>();
  let armed: { readonly at: number; readonly cancel: () => void } | null = null;
  const told = new Set<string>();
  let closed = false;

  function arm(at: number, call: () => void): void {
    armed?.cancel();
    armed = { at, cancel: clock.after(Math.max(0, at - clock.now()), call) };
  }

  function armNext(): void {
    let earliest = Infinity;
    for (const [lease, { ends }] of leases) if (!told.has(lease)) earliest = Math.min(earliest, ends);
    armed?.cancel();
    armed = null;
    if (earliest < Infinity) arm(earliest, ring);
  }

  function ring(): void {
    const late = clock.now() - (armed?.at ?? clock.now());
    if (late > stalledMs) arm(clock.now() + stalledMs, end);
    else end();
  }

  function end(): void {
    armed = null;
    const now = clock.now();
    const over = [...leases].filter(([lease, { ends }]) => ends <= now && !told.has(lease));
    over.sort(([, a], [, b]) => a.ends - b.ends);
    const names = over.map(([lease]) => lease);
    for (const lease of names) told.add(lease);
    armNext();
    if (names.length > 0) onOver(names);
  }

  function set(lease: string, ttlMs: number): void {
    if (closed) return;
    const ends = clock.now() + ttlMs;
    leases.delete(lease);
    leases.set(lease, { ttlMs, ends });
    told.delete(lease);
    if (armed === null || ends < armed.at) arm(ends, ring);
  }

  return {
    set,
    renew: (lease) => {
      const found = leases.get(lease);
      if (found !== undefined) set(lease, found.ttlMs);
      return found !== undefined;
    },
    has: (lease) => leases.has(lease),
    count: () => leases.size,
    isOver: (lease) => (leases.get(lease)?.ends ?? Infinity) <= clock.now(),
    remove: (lease) => {
      const found = leases.get(lease);
      leases.delete(lease);
      told.delete(lease);
      return found?.ttlMs;
    },
    close: () => {
      closed = true;
      armed?.cancel();
      armed = null;
      leases.clear();
    },
  };
}
