/**
 * Watch streams that are cut at any byte and resumed, while others write and the server is started anew: each reader gets
 * each revision of its kinds exactly once, and ends with the state of the server.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultCacheLimits } from '../../src/api/cache-limits.ts';
import { type RunningApi, runApi } from '../../src/api/run.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { announcement, never, shop } from '../rig/api.ts';
import { type CutReaderOptions, misreadings, startCutReader } from '../rig/cut-reader.ts';
import { type Seeded, seeded, seedOf } from '../rig/seeded.ts';

const kindsOfReaders = [
  ['announcements'],
  ['announcements', 'tombstones'],
  ['peers'],
  ['announcements', 'projects', 'peers', 'tombstones'],
];

interface Plan {
  readonly seed: number;
  readonly writes: number;
  readonly readers: number;
  /** Stands between the server and its store. */
  readonly wrap?: (store: Store) => Store;
  readonly naive?: boolean;
  readonly restart: boolean;
}

/** Writers churn, readers are cut. @returns what was misread, and how much happened. */
async function play({ seed, writes, readers: many, wrap = (store) => store, naive = false, restart }: Plan) {
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), 'corebgp-cuts-'));
  const store = await openStore(`embedded://${folder}`, { clock: systemClock, log: silentLog });
  // Few revisions are held, so that who is away for long must start over.
  const limits = { ...defaultCacheLimits, recent: { ...defaultCacheLimits.recent, revisions: 60 } };
  const start = () =>
    runApi(
      { store: wrap(store), listen: '127.0.0.1:0', clock: systemClock, log: silentLog, version: '0.0.0', limits },
      never,
    );
  let api: RunningApi = await start();
  const url = () => api.url ?? 'http://127.0.0.1:1';
  try {
    await send(url(), 'PUT', '/v1/projects/shop', shop);
    const readers = Array.from({ length: many }, (_, index) => {
      const options: CutReaderOptions = {
        kinds: kindsOfReaders[index % kindsOfReaders.length] ?? [],
        url,
        random: seeded(seed + index + 1),
        resumeBy: index % 2 === 0 ? 'since' : 'last-event-id',
        naive,
      };
      return startCutReader(options);
    });
    await churn(url, random, writes / 2);
    if (restart) {
      await api.close();
      api = await start();
    }
    await churn(url, random, writes / 2);
    const { revision } = await store.status(never);
    await Promise.all(readers.map((reader) => reader.finish(revision)));
    const misread = await Promise.all(readers.map((reader) => misreadings(reader, store)));
    const sum = (of: (reader: (typeof readers)[number]) => number) => readers.reduce((all, one) => all + of(one), 0);
    return {
      misread: misread.flat(),
      cuts: sum((reader) => reader.cuts()),
      resumed: sum((reader) => reader.resumed()),
      startedOver: sum((reader) => reader.startedOver()),
      seen: sum((reader) => reader.stretches.reduce((all, { seen }) => all + seen.length, 0)),
    };
  } finally {
    await api.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function churn(url: () => string, random: Seeded, writes: number): Promise<void> {
  let left = writes;
  const writer = async () => {
    while (left > 0) {
      left -= 1;
      const number = random.between(1, 12);
      const six = random.chance(0.5);
      const name = `${six ? 'six' : 'four'}-${number}`;
      const labels = { text: random.pick(['é', '😀', '“x”', 'plain']).repeat(random.between(1, 60)), n: String(left) };
      const one = announcement(name, [six ? `2001:db8::${number}/128` : `203.0.113.${number}/32`]);
      const path = `/v1/announcements/shop/${name}`;
      if (random.chance(0.25)) await send(url(), 'DELETE', path);
      else if (random.chance(0.2)) {
        const peer = { kind: 'Peer', metadata: { name, labels }, spec: { address: `192.0.2.${number}`, asn: 64_512 } };
        await send(url(), 'PUT', `/v1/peers/${name}`, peer);
      } else await send(url(), 'PUT', path, { ...one, metadata: { ...one.metadata, labels } });
    }
  };
  await Promise.all([writer(), writer(), writer()]);
}

async function send(url: string, method: string, path: string, body?: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const request = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(url + path, request);
  await response.text();
  if (response.status >= 500) throw new Error(`${method} ${path}: ${response.status}`);
}

const seed = seedOf();

test(`cut at any byte and resumed, also over a restart, readers miss and repeat nothing (SEED=${seed})`, async () => {
  const played = await play({ seed, writes: 400, readers: 12, restart: true });
  expect(played.misread).toEqual([]);
  // It was a test at all:
  expect(played.cuts).toBeGreaterThan(50);
  expect(played.resumed).toBeGreaterThan(50);
  expect(played.startedOver).toBeGreaterThan(0);
  expect(played.seen).toBeGreaterThan(300);
}, 60_000);

test('a server that loses one revision is caught', async () => {
  /** From the 40th revision that this watch brings on, one is left out. */
  const losing = (store: Store): Store => ({
    ...store,
    watch: async function* (prefix, from, signal) {
      let brought = 0;
      for await (const one of store.watch(prefix, from, signal)) {
        brought += 1;
        const own = one.changes.every((change) => !/announcements/.test(change.op === 'put' ? change.entry.key : ''));
        if (brought < 40 || own || brought > 60) yield one;
        else brought = 61;
      }
    },
  });
  const { misread } = await play({ seed, writes: 160, readers: 4, wrap: losing, restart: false });
  expect(misread.length).toBeGreaterThan(0);
}, 60_000);

test('a reader that takes half an event for a whole one is caught', async () => {
  const { misread } = await play({ seed, writes: 300, readers: 8, naive: true, restart: false });
  expect(misread.length).toBeGreaterThan(0);
}, 60_000);
