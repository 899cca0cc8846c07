import { afterEach, expect, test } from 'vitest';
import { never } from '../../test/rig/api.ts';
import { put, startWatchCache } from '../../test/rig/watch-cache.ts';

const kinds = new Set(['peers']);
let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

async function start() {
  const rig = await startWatchCache();
  closing.push(rig.close);
  return rig;
}

test('a listener that throws keeps nothing from the streams, nor from the other listeners', async () => {
  const { store, cache } = await start();
  const heard: unknown[] = [];
  cache.onRevision(() => {
    throw new Error('a listener that throws');
  });
  cache.onRevision((change) => void heard.push(change === 'all' ? change : change.revision));
  const stream = cache.subscribe(kinds, undefined, never);
  await stream.next();
  const revision = await put(store, 'peers/p', 1);
  expect((await stream.next()).value).toMatchObject({ type: 'changes', revision });
  expect(heard).toEqual([revision]);
  await stream.return();
});

test.each(['apply', 'place'] as const)(
  'what is made of the copy and throws in %s is made anew, and the streams begin anew',
  async (fails) => {
    const { store, cache, breakWatch } = await start();
    let failing = false;
    let keys = new Set<string>();
    const failOnce = (where: string) => {
      if (!failing || where !== fails) return;
      failing = false;
      throw new Error(`told to fail in ${where}`);
    };
    cache.derive({
      begin: () => {
        const next = new Set<string>();
        return {
          add: ({ key }) => void next.add(key),
          place: () => {
            failOnce('place');
            keys = next;
          },
        };
      },
      apply: ({ changes }) => {
        failOnce('apply');
        for (const one of changes) if (one.op === 'put') keys.add(one.entry.key);
      },
    });
    const stream = cache.subscribe(kinds, undefined, never);
    await stream.next();
    await put(store, 'peers/before', 1);
    expect((await stream.next()).value).toMatchObject({ type: 'changes' });
    failing = true;
    if (fails === 'place') {
      // More than is applied one by one, and no longer held by the store.
      for (let index = 0; index < 300; index += 1) {
        if (index === 0) breakWatch();
        await put(store, `peers/p${index}`, index);
      }
      store.compact((await store.status(never)).revision);
      breakWatch();
    } else await put(store, 'peers/after', 1);
    const ends = async () => {
      for (;;) {
        const { value, done } = await stream.next();
        if (done === true || value.type === 'error') return value;
      }
    };
    expect(await ends()).toMatchObject({ type: 'error', code: 'compacted' });
    const { revision } = await store.status(never);
    await expect.poll(() => cache.isFresh() && cache.position()?.revision === revision).toBe(true);
    expect([...keys].sort()).toEqual([...cache.under('peers').keys()].sort());
    expect(failing).toBe(false);
  },
);
