/** A process for tests: what it printed is kept, its API server is a table of answers. */

import { runCommandLine } from '../../src/cli/run.ts';
import type { Shell } from '../../src/cli/shell.ts';
import type { HttpTransport } from '../../src/client/http.ts';
import type { ApiRequest } from '../../src/client/transport.ts';
import type { StreamMessage } from '../../src/contract/stream.ts';
import { CoreBgpError } from '../../src/model/errors.ts';

export interface FakeShell extends Shell {
  readonly out: () => string;
  readonly err: () => string;
  readonly requests: readonly ApiRequest[];
  readonly urls: readonly string[];
  readonly open: () => number;
}

export interface Script {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Wall milliseconds. */
  readonly wall?: number;
  readonly terminal?: boolean;
  readonly editor?: Shell['foreground'];
  readonly answer?: (request: ApiRequest) => unknown;
  readonly stream?: (request: ApiRequest, signal: AbortSignal) => AsyncIterable<StreamMessage>;
}

export function fakeShell(script: Script = {}): FakeShell {
  const { env = {}, stdin = '', signal = new AbortController().signal, wall = 0, terminal = false } = script;
  let out = '';
  let err = '';
  let open = 0;
  const requests: ApiRequest[] = [];
  const urls: string[] = [];
  const transport = (): HttpTransport => ({
    call: async (request) => {
      requests.push(request);
      if (script.answer === undefined) throw new CoreBgpError('unavailable', 'nobody is there');
      return { status: 200, body: script.answer(request) };
    },
    lines: async function* (request) {
      requests.push(request);
      if (script.answer === undefined) throw new CoreBgpError('unavailable', 'nobody is there');
      // The table of answers has lists as pages.
      const { revision = 1, stale = false, resources = [] } = Object(script.answer(request));
      yield { revision, stale, total: resources.length, rows: resources };
    },
    stream: (request, aborted) => {
      requests.push(request);
      if (script.stream === undefined) throw new CoreBgpError('unavailable', 'nobody is there');
      return script.stream(request, aborted);
    },
    close: () => {
      open -= 1;
    },
  });
  return {
    env,
    stdout: {
      write: (text) => {
        out += text;
      },
      ready: async () => {},
      terminal,
    },
    stderr: {
      write: (text) => {
        err += text;
      },
      ready: async () => {},
      terminal,
    },
    attended: terminal,
    foreground: script.editor ?? (async () => 127),
    readStdin: async () => stdin,
    clock: { now: () => 0, wall: () => wall, sleep: async () => signal.throwIfAborted(), after: () => () => {} },
    random: () => 0.5,
    signal,
    connect: async (url) => {
      urls.push(url);
      open += 1;
      return transport();
    },
    out: () => out,
    err: () => err,
    requests,
    urls,
    open: () => open,
  };
}

export async function runIn(script: Script, ...words: readonly string[]) {
  const shell = fakeShell(script);
  const code = await runCommandLine(words, shell);
  return { code, out: shell.out(), err: shell.err(), requests: shell.requests, urls: shell.urls, open: shell.open() };
}
