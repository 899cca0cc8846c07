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
const begin = (pins: Pins, question = 'all') => pins.pin(question, snapshot).next(1);
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
  for (const wrong of [`${id}-0`, `${id}-2`, `${id}-zz`, id, '', '-1', `${token}!`, `${token}-1`]) {
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

test('the 17th is refused while all are being read, and says when to try again', () => {
  const { pins, pass } = start();
  const tokens = Array.from({ length: most }, () => begin(pins));
  pass(yieldAfterMs - 1);
  expect(() => begin(pins)).toThrow(expect.objectContaining({ code: 'limited', retryAfterMs: yieldAfterMs }));
  for (const token of tokens) expect(codeOf(() => pins.resume(token, 'all'))).toBeUndefined();
});

test('the one unused for longest makes room once it has not been used for some seconds', () => {
  const { pins, pass } = start();
  const tokens = Array.from({ length: most }, () => begin(pins));
  pass(yieldAfterMs);
  const [first = '', second = '', third = ''] = tokens;
  pins.resume(first, 'all');
  begin(pins);
  expect(codeOf(() => pins.resume(first, 'all'))).toBeUndefined();
  expect(codeOf(() => pins.resume(second, 'all'))).toBe('compacted');
  expect(codeOf(() => pins.resume(third, 'all'))).toBeUndefined();
});

test('one that was read to its end makes room at once, before all others', () => {
  const { pins } = start();
  const tokens = Array.from({ length: most }, () => begin(pins));
  const [, second = ''] = tokens;
  pins.resume(second, 'all').finish();
  expect(codeOf(() => pins.resume(second, 'all'))).toBeUndefined();
  begin(pins);
  expect(codeOf(() => pins.resume(second, 'all'))).toBe('compacted');
  expect(codeOf(() => begin(pins))).toBe('limited');
});

test('all are let go at once when the history is another one', () => {
  const { pins, timers } = start();
  const token = begin(pins);
  pins.clear();
  expect([codeOf(() => pins.resume(token, 'all')), timers.size]).toEqual(['compacted', 0]);
});
