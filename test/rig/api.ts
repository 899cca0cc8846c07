/** An API server for tests: over the embedded store in a temporary folder, asked over HTTP or within the process. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunApiOptions, type RunningApi, runApi } from '../../src/api/run.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers by path.
  readonly body: any;
}

export interface ApiRig {
  readonly api: RunningApi;
  readonly url: string;
  readonly store: Store;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export const never = new AbortController().signal;

/** @param wrap may stand between the server and its store. */
export async function startApi(
  options: Partial<RunApiOptions> = {},
  wrap: (store: Store) => Store = (store) => store,
): Promise<ApiRig> {
  const folder = mkdtempSync(join(tmpdir(), 'corebgp-api-'));
  // As the real server's: the contract wants ids in hexadecimal.
  const newId = () => randomBytes(16).toString('hex');
  const store = await openStore(`embedded://${folder}`, { clock: systemClock, log: silentLog, newId });
  const api = await runApi(
    {
      store: wrap(store),
      listen: '127.0.0.1:0',
      clock: systemClock,
      log: silentLog,
      version: '0.0.0',
      // The tests share its event loop, and may well be why it is late.
      mostLateMs: Number.POSITIVE_INFINITY,
      ...options,
    },
    never,
  );
  const url = api.url ?? '';
  return {
    api,
    url,
    store,
    send: async (method, path, body, headers = {}) => {
      const response = await fetch(url + path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      return {
        status: response.status,
        headers: response.headers,
        body: isJson && text !== '' ? JSON.parse(text) : text,
      };
    },
    close: async () => {
      await api.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const shop = {
  kind: 'Project',
  metadata: { name: 'shop' },
  spec: {
    prefixes: [{ prefix: '203.0.113.0/24' }, { prefix: '2001:db8::/32' }],
    nextHops: ['10.0.0.0/16', '2001:db8:1::/48'],
  },
};

export function announcement(name: string, prefixes: readonly string[], extra: object = {}) {
  const six = prefixes.some((prefix) => prefix.includes(':'));
  const four = prefixes.some((prefix) => prefix.includes('.'));
  return {
    kind: 'Announcement',
    metadata: { project: 'shop', name },
    spec: {
      prefixes,
      nextHops: [...(four ? [{ address: '10.0.1.1' }] : []), ...(six ? [{ address: '2001:db8:1::1' }] : [])],
      ...extra,
    },
  };
}
