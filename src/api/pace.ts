/** Work that falls to many at once, such as one change to a thousand streams, in turns: in between, all else goes on. */
import { breathe } from '../runtime/breathe.ts';

export interface Pace {
  /**
   * Waits for a turn of the event loop with room left; who came first goes first.
   * @param weight how much of a turn it takes. What weighs more than is left takes all that is left.
   * @returns undefined when it is at once.
   */
  next(weight: number): Promise<void> | undefined;
}

/** @param perTurn weight that one turn of the event loop bears. */
export function createPace(perTurn: number): Pace {
  const waiting: { readonly weight: number; go(): void }[] = [];
  let left = perTurn;
  let turning = false;

  const turn = async () => {
    turning = true;
    while (left < perTurn) {
      await breathe();
      left = perTurn;
      let released = 0;
      for (; left > 0; released += 1) {
        const one = waiting[released];
        if (one === undefined) break;
        left -= one.weight;
        one.go();
      }
      waiting.splice(0, released);
    }
    turning = false;
  };

  return {
    next: (weight) => {
      if (left <= 0 || waiting.length > 0) {
        return new Promise((resolve) => {
          waiting.push({ weight, go: resolve });
        });
      }
      left -= weight;
      if (!turning) void turn();
      return undefined;
    },
  };
}
