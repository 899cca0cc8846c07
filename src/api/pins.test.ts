import { expect, test } from 'vitest';
import { cachedEntry } from './cached.ts';
import { createPins, defaultPinLimits, type Pins } from './pins.ts';

const { pins: most, idleMs, yieldAfterMs } = defaultPinLimits;

function start() {
  let now = 0;
  let ids = 0;
  const timers = new Map<() => void, number>();
  const clock = {
    now: () => now,
    wall: () => 0,
    sleep: async () => {},
    after: (ms: number, call: () => void) => {
      timers.set(call, now + ms);
      return () => timers.delete(call);
    },
  };
  const pins = createPins(clock, () => {
    ids += 1;
    return ids.toString(16).padStart(32, 'a');
  });
  const pass = (ms: number) => {
    now += ms;
    for (const [call, at] of [...timers]) {
      if (at > now) continue;
      timers.delete(call);
      call();
    }
  };
  return { pins, pass, timers };
}

const entry = cachedEntry({ key: 'announcements/shop/web', value: '{}', createRevision: 1, modRevision: 1 });
const snapshot = { revision: 7, entries: [entry, entry, entry] };
/** Shows something else than every other one. */
const other = () => ({ revision: 7, entries: [entry, { ...entry }, entry] });
const begin = (pins: Pins, shown = snapshot) => pins.pin('all', shown).next(1);
/** Somebody who has read two pages, and goes on. */
const beginReading = (pins: Pins) => pins.resume(begin(pins, other()), 'all').next(2);
const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

test('a token goes on where its page ended, as often as it is asked', () => {
  const { pins } = start();
  const token = begin(pins);
  for (let times = 0; times < 3; times += 1) {
    const pin = pins.resume(token, 'all');
    expect([pin.snapshot, pin.position]).toEqual([snapshot, 1]);
  }
  const next = pins.resume(token, 'all').next(2);
  expect(pins.resume(next, 'all').position).toBe(2);
  expect(pins.resume(token, 'all').position).toBe(1);
});

test('a token with other filters, or that no page gave, is refused as invalid and names continue', () => {
  const { pins } = start();
  const token = begin(pins);
  const [id = ''] = token.split('-');
  const refused = expect.objectContaining({ code: 'invalid', field: 'continue' });
  expect(() => pins.resume(token, 'other')).toThrow(refused);
  for (const wrong of [
    `${id}-0-7`,
    `${id}-1-8`,
    `${id}-2-7`,
    `${id}-zz-7`,
    `${id}-1`,
    id,
    '',
    '-1',
    `${token}!`,
    `${token}-1`,
  ]) {
    expect(() => pins.resume(wrong, 'all'), wrong).toThrow(refused);
  }
});

test('a pin is held for a minute since its last use, then it is compacted', () => {
  const { pins, pass, timers } = start();
  const token = begin(pins);
  pass(idleMs - 1);
  expect(codeOf(() => pins.resume(token, 'all'))).toBeUndefined();
  pass(idleMs - 1);
  expect(codeOf(() => pins.resume(token, 'all'))).toBeUndefined();
  pass(idleMs);
  expect(() => pins.resume(token, 'all')).toThrow(
    expect.objectContaining({ code: 'compacted', field: 'continue', message: expect.stringContaining('Begin again') }),
  );
  pass(idleMs);
  expect(timers.size).toBe(0);
});

test('an abandoned pin is let go though nobody lists again', () => {
  const { pins, pass, timers } = start();
  begin(pins);
  expect(timers.size).toBe(1);
  pass(idleMs);
  expect(timers.size).toBe(0);
});

test('the 17th is refused while all are being read on, and says when to try again', () => {
  const { pins, pass } = start();
  const tokens = Array.from({ length: most }, () => beginReading(pins));
  pass(yieldAfterMs - 1);
  expect(() => begin(pins)).toThrow(expect.objectContaining({ code: 'limited', retryAfterMs: yieldAfterMs }));
  for (const token of tokens) expect(codeOf(() => pins.resume(token, 'all'))).toBeUndefined();
});

test('one that is being read on makes room once it has not been used for some seconds', () => {
  const { pins, pass } = start();
  const tokens = Array.from({ length: most }, () => beginReading(pins));
  pass(yieldAfterMs);
  const [first = '', second = '', third = ''] = tokens;
  pins.resume(first, 'all');
  begin(pins);
  expect(codeOf(() => pins.resume(first, 'all'))).toBeUndefined();
  expect(codeOf(() => pins.resume(second, 'all'))).toBe('compacted');
  expect(codeOf(() => pins.resume(third, 'all'))).toBeUndefined();
});

test('one that was read to its end makes room at once, before all that are being read on', () => {
  const { pins } = start();
  const tokens = Array.from({ length: most }, () => beginReading(pins));
  const [, second = ''] = tokens;
  pins.resume(second, 'all').finish();
  expect(codeOf(() => pins.resume(second, 'all'))).toBeUndefined();
  beginReading(pins);
  expect(codeOf(() => pins.resume(second, 'all'))).toBe('compacted');
  expect(codeOf(() => begin(pins))).toBe('limited');
});

test('one of which only the first page was looked at makes room at once, the oldest first', () => {
  const { pins } = start();
  const reading = beginReading(pins);
  const looked = Array.from({ length: most }, () => begin(pins, other()));
  const [oldest = '', second = ''] = looked;
  expect(codeOf(() => pins.resume(oldest, 'all'))).toBe('compacted');
  expect(codeOf(() => pins.resume(second, 'all'))).toBeUndefined();
  for (let times = 0; times < 100; times += 1) begin(pins, other());
  expect(codeOf(() => pins.resume(reading, 'all'))).toBeUndefined();
  expect(codeOf(() => pins.resume(second, 'all').next(2))).toBeUndefined();
});

test('lists of one question that show the same share a snapshot, and each goes on at its own revision', () => {
  const { pins } = start();
  const first = begin(pins);
  const later = begin(pins, { revision: 9, entries: [...snapshot.entries] });
  expect(pins.count()).toBe(1);
  expect([pins.resume(first, 'all').snapshot.revision, pins.resume(later, 'all').snapshot.revision]).toEqual([7, 9]);
  expect(pins.resume(pins.resume(later, 'all').next(2), 'all').snapshot).toEqual({ ...snapshot, revision: 9 });
  pins.pin('others', snapshot);
  begin(pins, other());
  expect(pins.count()).toBe(3);
});

test('a snapshot that several read is held while one of them reads on', () => {
  const { pins } = start();
  const [one, two] = [pins.resume(begin(pins), 'all'), pins.resume(begin(pins), 'all')];
  const token = two.next(2);
  one.finish();
  for (let times = 0; times < most; times += 1) begin(pins, other());
  expect(codeOf(() => pins.resume(token, 'all'))).toBeUndefined();
  two.finish();
  for (let times = 0; times < most; times += 1) begin(pins, other());
  expect(codeOf(() => pins.resume(token, 'all'))).toBe('compacted');
});

test('all are let go at once when the history is another one', () => {
  const { pins, timers } = start();
  const token = begin(pins);
  pins.clear();
  expect([codeOf(() => pins.resume(token, 'all')), timers.size]).toEqual(['compacted', 0]);
});
