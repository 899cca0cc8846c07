/** `corebgp …` typed against a real API server: everything of a process but the process. */
import { runCommandLine } from '../../src/cli/run.ts';
import type { Shell } from '../../src/cli/shell.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { fakeShell, type Script } from './shell.ts';

export type Typed = Pick<Script, 'stdin' | 'signal' | 'env' | 'terminal' | 'editor'> & {
  readonly shell?: Partial<Shell>;
};

export function typing(url: string) {
  return async (typed: Typed, ...words: readonly string[]) => {
    const { env = {}, shell = {}, ...script } = typed;
    const fake = fakeShell({ ...script, env: { COREBGP_URL: url, ...env } });
    const code = await runCommandLine(words, {
      ...fake,
      clock: systemClock,
      connect: async (to, timeoutMs = 10_000) => createHttpTransport({ url: to, clock: systemClock, timeoutMs }),
      ...shell,
    });
    return { code, out: fake.out(), err: fake.err() };
  };
}
