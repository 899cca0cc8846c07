/** One timer for any number of deadlines: a timing wheel with constant-time insert and cancel. */
import type { Clock } from '../runtime/clock.ts';

export interface Wheel {
  /**
   * Calls once at `due` (monotonic milliseconds) or up to one step later, never earlier. What is due in one step is
   * called in the order it was added. A call added for the past comes in the next step.
   * @returns cancels; without effect after the call.
   */
  at(due: number, call: () => void): () => void;
  /** Calls still to come. */
  readonly size: number;
  /** How long, in all, this process stood still while something was due: a pause, or more work than it can do. */
  readonly stalledMs: number;
  /** Cancels everything. */
  close(): void;
}

interface Entry {
  readonly step: number;
  readonly call: () => void;
}

/**
 * @param stepMs resolution.
 * @param slotCount entries further away than `stepMs × slotCount` stay in their slot for another turn.
 */
export function createWheel(clock: Clock, stepMs = 5, slotCount = 1_024): Wheel {
  const slots: Set<Entry>[] = Array.from({ length: slotCount }, () => new Set());
  const slotOf = (step: number) => slots[step % slotCount] ?? new Set<Entry>();
  const stepAt = (time: number) => Math.floor(time / stepMs);
  /** Every step up to this one has been called. */
  let done = stepAt(clock.now());
  let size = 0;
  let stalledMs = 0;
  let armed: { readonly step: number; readonly cancel: () => void } | undefined;
  let turning = false;

  const arm = (step: number) => {
    if (armed !== undefined && armed.step <= step) return;
    armed?.cancel();
    armed = { step, cancel: clock.after(Math.max(0, step * stepMs - clock.now()), wake) };
  };

  /** The next step at which something may be due: exact within one turn of the wheel. */
  const nextStep = (): number | undefined => {
    if (size === 0) return undefined;
    for (let step = done + 1; step <= done + slotCount; step += 1) {
      for (const entry of slotOf(step)) if (entry.step <= step) return step;
    }
    return done + slotCount;
  };

  const turn = (step: number) => {
    for (const entry of slotOf(step)) {
      if (entry.step > step) continue;
      slotOf(step).delete(entry);
      size -= 1;
      entry.call();
    }
  };

  function wake(): void {
    const late = clock.now() - (armed?.step ?? 0) * stepMs;
    // Timers are never exact; only what is more than that is a stall.
    if (armed !== undefined && late > 2 * stepMs) stalledMs += late;
    armed = undefined;
    const now = stepAt(clock.now());
    turning = true;
    try {
      while (done < now) {
        // After a long pause one turn of the wheel reaches every slot.
        done = Math.max(done + 1, now - slotCount + 1);
        turn(done);
      }
    } finally {
      turning = false;
      const next = nextStep();
      if (next !== undefined) arm(next);
    }
  }

  return {
    at: (due, call) => {
      const entry: Entry = { step: Math.max(done + 1, Math.ceil(due / stepMs)), call };
      slotOf(entry.step).add(entry);
      size += 1;
      if (!turning) arm(entry.step);
      return () => {
        if (slotOf(entry.step).delete(entry)) size -= 1;
      };
    },
    get size() {
      return size;
    },
    get stalledMs() {
      return stalledMs;
    },
    close: () => {
      armed?.cancel();
      armed = undefined;
      for (const slot of slots) slot.clear();
      size = 0;
    },
  };
}
