/** Who wants to hear of an abort: one listener a signal, since hundreds of commits may share one. */
export interface Aborts {
  /** Calls once when the signal is aborted, unless the result was called before. The signal must not be aborted yet. */
  onAbort(signal: AbortSignal, call: (reason: unknown) => void): () => void;
}

interface Listening {
  readonly calls: Set<(reason: unknown) => void>;
  readonly stop: () => void;
}

export function createAborts(): Aborts {
  const signals = new Map<AbortSignal, Listening>();

  function listen(signal: AbortSignal): Listening {
    const calls = new Set<(reason: unknown) => void>();
    const abort = () => {
      signals.delete(signal);
      for (const call of calls) call(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    const listening = { calls, stop: () => signal.removeEventListener('abort', abort) };
    signals.set(signal, listening);
    return listening;
  }

  return {
    onAbort: (signal, call) => {
      const { calls, stop } = signals.get(signal) ?? listen(signal);
      // A function of its own, so that one caller given twice is heard twice.
      const own = (reason: unknown) => call(reason);
      calls.add(own);
      return () => {
        if (!calls.delete(own) || calls.size > 0 || signals.get(signal)?.calls !== calls) return;
        signals.delete(signal);
        stop();
      };
    },
  };
}
