/** Readers over HTTP who stop taking: of a list in lines, of the status view; and a server that closes in the middle. */
import { type IncomingMessage, request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { takeWithinMs } from '../../src/api/event-stream.ts';
import { linesType } from '../../src/contract/lists.ts';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

/** So many records of 64 KiB are more than the buffers of two sockets hold. */
const many = 240;
const annotations = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`a${index}`, 'x'.repeat(1_000)]));
const prefixOf = (index: number) => (index % 2 === 0 ? `203.0.113.${index % 256}/32` : `2001:db8::${index}/128`);

function recordOf(index: number, label: string): string {
  const { metadata, ...rest } = announcement(`web-${index}`, [prefixOf(index)]);
  const system = { uid: `${index}`, createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
  return JSON.stringify({ v: 1, ...rest, metadata: { ...metadata, labels: { label }, annotations, ...system } });
}

async function write(rig: ApiRig, indexes: readonly number[], label: string): Promise<number> {
  const operations = indexes.map((index) => {
    return { op: 'put', key: `/corebgp/v1/announcements/shop/web-${index}`, value: recordOf(index, label) } as const;
  });
  const result = await rig.store.commit([], operations, never);
  return result.committed ? result.revision : 0;
}

async function start(clock: Clock = systemClock): Promise<ApiRig> {
  const rig = await startApi({ clock });
  closing.push(() => rig.close());
  await rig.send('POST', '/v1/projects', shop);
  // A commit has at most 1 MiB.
  const atOnce = 12;
  for (let first = 0; first < many; first += atOnce) {
    const indexes = Array.from({ length: atOnce }, (_, index) => first + index);
    await write(rig, indexes, 'first');
  }
  const total = async () => (await rig.send('GET', '/v1/announcements?limit=1')).body.remaining;
  await expect.poll(total).toBe(many - 1);
  return rig;
}

/** Takes the first bytes, and no more until told; then all there is, and how it ended. */
async function stall(url: string, accept: string) {
  const asked = request(url, { headers: { accept }, agent: false });
  closing.push(() => asked.destroy());
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve).on('error', reject).end();
  });
  let text = '';
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await new Promise((resolve) => answer.once('data', resolve));
  answer.pause();
  const ended = new Promise<'complete' | 'broken'>((resolve) => {
    answer.on('end', () => resolve('complete')).on('error', () => resolve('broken'));
  });
  return {
    headers: answer.headers,
    text: () => text,
    resume: () => answer.resume(),
    ended,
  };
}

const metric = async (rig: ApiRig, name: string): Promise<number> => {
  const text: string = (await rig.send('GET', '/metrics')).body;
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length),
  );
};
const lists = 'corebgp_api_lists_open{form="lines"}';
const linesOf = (text: string) => text.split('\n').slice(0, -1);

/** The system's clock, but for the time that a reader has to take something: that passes when told. */
function patientClock() {
  const waiting = new Set<() => void>();
  const clock: Clock = {
    ...systemClock,
    after: (ms, call) => {
      if (ms !== takeWithinMs) return systemClock.after(ms, call);
      waiting.add(call);
      return () => waiting.delete(call);
    },
  };
  const pass = () => {
    for (const call of [...waiting]) call();
  };
  return { clock, pass, waiting: () => waiting.size };
}

test('a reader of a list in lines who takes nothing for 30 s is cut, never ended, and gives his place back', async () => {
  const { clock, pass, waiting } = patientClock();
  const rig = await start(clock);
  const reader = await stall(`${rig.url}/v1/announcements`, linesType);
  expect(reader.headers['corebgp-total']).toBe(String(many));
  await expect.poll(waiting).toBe(1);
  expect(await metric(rig, lists)).toBe(1);
  pass();
  await expect.poll(() => metric(rig, lists)).toBe(0);
  expect(waiting()).toBe(0);
  reader.resume();
  expect(await reader.ended).toBe('broken');
  expect(linesOf(reader.text()).length).toBeLessThan(many);
});

test('a slow reader of a list in lines who takes something in time gets it whole', async () => {
  const { clock, waiting } = patientClock();
  const rig = await start(clock);
  const reader = await stall(`${rig.url}/v1/announcements`, linesType);
  await expect.poll(waiting).toBe(1);
  reader.resume();
  expect(await reader.ended).toBe('complete');
  expect(linesOf(reader.text())).toHaveLength(many);
  await expect.poll(() => metric(rig, lists)).toBe(0);
  expect(waiting()).toBe(0);
});

test('a server that closes while lines are being sent breaks them off: no part looks like the whole', async () => {
  const rig = await start();
  const reader = await stall(`${rig.url}/v1/announcements`, linesType);
  await rig.api.close();
  reader.resume();
  expect(await reader.ended).toBe('broken');
  expect(linesOf(reader.text()).length).toBeLessThan(many);
});

test('a reader of the status view who stops taking is not sent what he has missed, only how it is then', async () => {
  const rig = await start();
  const url = `${rig.url}/v1/watch?view=status&kinds=announcements`;
  const reader = await stall(url, 'text/event-stream');
  const changed = 'web-0';
  const rounds = 200;
  let last = 0;
  for (let round = 1; round <= rounds; round += 1) last = await write(rig, [0], `round-${round}`);
  await rig.send('DELETE', '/v1/announcements/shop/web-1');
  const now = async () => (await rig.send('GET', `/v1/announcements/shop/${changed}`)).body;
  await expect.poll(async () => (await now()).metadata.revision).toBe(last);
  expect(await metric(rig, 'corebgp_api_watch_streams{view="status"}')).toBe(1);
  reader.resume();
  const seen = () => [...reader.text().matchAll(/"labels":\{"label":"(round-\d+)"\}/g)].map(([, label]) => label);
  await expect.poll(() => seen().at(-1), { timeout: 20_000 }).toBe(`round-${rounds}`);
  await expect.poll(() => reader.text().includes('"type":"synced"')).toBe(true);
  // A few were on their way before the buffers were full.
  expect(seen().length).toBeLessThan(10);
  const gone = '"deleted":[{"kind":"Announcement","project":"shop","name":"web-1"}]';
  const deletions = reader.text().includes(gone);
  // Either it was sent and then deleted, or it was never sent.
  expect(deletions || !reader.text().includes('"name":"web-1"')).toBe(true);
  const names = new Set([...reader.text().matchAll(/"name":"(web-\d+)"/g)].map(([, name]) => name));
  expect(names.size).toBeGreaterThanOrEqual(many - 1);
});
