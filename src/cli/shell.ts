/** What a command sees of the process it runs in; an input, so that tests can be the process. */
import type { HttpTransport } from '../client/http.ts';
import type { Clock } from '../runtime/clock.ts';

export interface Output {
  write(text: string): void;
  /** Resolves when what was written has been taken well enough for more. */
  ready(): Promise<void>;
  /** Whether a person reads it, rather than a file or a program. */
  readonly terminal: boolean;
}

export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether a person is at standard input. */
  readonly attended: boolean;
  /**
   * Runs a program that has the terminal for itself, with the file as its last argument.
   * @param signal asks it to end; it is waited for all the same.
   * @returns its exit code.
   */
  foreground(line: string, file: string, signal: AbortSignal): Promise<number>;
  /** Everything on standard input, as text. */
  readStdin(signal: AbortSignal): Promise<string>;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Aborted with `Interrupted` when the process is asked to stop. */
  readonly signal: AbortSignal;
  /**
   * Opens the way to an API server.
   * @param timeoutMs most time for one call. Default: the transport's.
   */
  connect(url: string, timeoutMs?: number): Promise<HttpTransport>;
}

/** What a command was given on its line, beside its arguments. */
export type Flags = Readonly<Record<string, unknown>>;

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}
