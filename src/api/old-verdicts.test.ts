import { describe, expect, test } from 'vitest';
import { healthKey } from '../model/health.ts';
import { createInputs } from '../planning/inputs.ts';
import { tasksOf } from '../planning/tasks.ts';
import type { Reader, Seen } from './commit.ts';
import { unusedOldVerdicts } from './old-verdicts.ts';

const metadata = (name: string) => ({ name, project: 'shop', uid: name, createdAt: 'c', updatedAt: 'u' });

describe.each([
  ['203.0.113.1/32', '10.0.1.1'],
  ['2001:db8::1/128', '2001:db8:1::1'],
])('of %s via %s', (prefix, address) => {
  const record = (name: string) => ({
    v: 1 as const,
    kind: 'Announcement' as const,
    metadata: metadata(name),
    spec: { prefixes: [prefix], nextHops: [{ address }], healthCheck: { type: 'tcp' as const, port: 80 } },
  });
  const key = healthKey(tasksOf(record('new'))[0]?.taskId ?? '');

  /** What a write finds: the server's copy up to revision 100, and what its reader shows of the verdict. */
  const planned = async ({
    others = [],
    fresh = true,
    writtenAt = 50,
  }: {
    others?: readonly unknown[];
    fresh?: boolean;
    writtenAt?: number;
  }) => {
    const inputs = createInputs();
    others.forEach((value, index) => {
      inputs.apply(`announcements/shop/o${index}`, { key: '', value, createRevision: 1, modRevision: 1 });
    });
    inputs.advance(100);
    const seen: Seen = { value: {}, createRevision: 1, modRevision: writtenAt };
    const reader: Reader = {
      get: async (asked) => (asked === key ? seen : undefined),
      list: async () => new Map(),
    };
    const cache = { isFresh: () => fresh };
    return await unusedOldVerdicts({ inputs, cache }, record('new'), reader);
  };
  const nothing = { conditions: [], operations: [] };

  test('it goes, if it is still the same, when nobody asks for the task', async () => {
    expect(await planned({})).toEqual({
      conditions: [{ key, modRevision: 50 }],
      operations: [{ op: 'delete', key }],
    });
  });

  test('it stays when an announcement asks for the task, or one that cannot be read may ask for it', async () => {
    expect(await planned({ others: [record('o0')] })).toEqual(nothing);
    expect(await planned({ others: [{ v: 2, kind: 'Announcement' }] })).toEqual(nothing);
  });

  test("it stays when the server's copy of the store is not fresh, or older than the verdict", async () => {
    expect(await planned({ fresh: false })).toEqual(nothing);
    expect(await planned({ writtenAt: 101 })).toEqual(nothing);
    expect((await planned({ writtenAt: 100 })).operations).toHaveLength(1);
  });
});
