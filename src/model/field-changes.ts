/** What differs between two versions of an object, field by field: for people, and exact enough to get from one to the other. */

import Type, { type Static } from 'typebox';
import { isObject } from './json-object.ts';

/** Without `before` the field was added, without `after` it was removed. */
export const FieldChange = Type.Object(
  {
    field: Type.String({
      description:
        'Path of the field: spec.nextHops[1].zone. The index counts in the list as it was when the entry was removed, else in the list as it is.',
    }),
    before: Type.Optional(Type.Unknown({ description: 'What was there; absent when nothing was.' })),
    after: Type.Optional(Type.Unknown({ description: 'What is there now; absent when nothing is.' })),
  },
  { title: 'FieldChange', description: 'How one field differs.' },
);
export type FieldChange = Static<typeof FieldChange>;

/** Longer lists are not compared entry by entry: pairs of entries. */
const mostPairs = 20_000;

/**
 * The difference of two JSON values. Fields of objects are told apart by name; entries of lists by what they are about
 * (their `address`, `prefix` or `name`, else all of them), and what keeps its place in the order is the same entry.
 * To make `after` of `before`: of each list first take out what was removed (from the end), then put in what was added
 * (from the start), then change what was changed.
 * @returns nothing when both are equal; in the order of the fields of `before`, then those that are new.
 */
export function fieldChanges(before: unknown, after: unknown, field = ''): readonly FieldChange[] {
  if (before === after) return [];
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => partChanges(own(before, name), own(after, name), within(field, name)));
  }
  if (Array.isArray(before) && Array.isArray(after)) return listChanges(before, after, field);
  return [{ field, before, after }];
}

function partChanges(before: unknown, after: unknown, field: string): readonly FieldChange[] {
  if (before === undefined) return after === undefined ? [] : [{ field, after }];
  return after === undefined ? [{ field, before }] : fieldChanges(before, after, field);
}

function listChanges(before: readonly unknown[], after: readonly unknown[], field: string): readonly FieldChange[] {
  if (before.length * after.length > mostPairs) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ field, before, after }];
  }
  const kept = keptEntries(before.map(subjectOf), after.map(subjectOf));
  const [keptBefore, keptAfter] = [new Set(kept.map(([old]) => old)), new Set(kept.map(([, now]) => now))];
  const at = (index: number) => `${field}[${index}]`;
  return [
    ...before.flatMap((entry, index) => (keptBefore.has(index) ? [] : [{ field: at(index), before: entry }])),
    ...after.flatMap((entry, index) => (keptAfter.has(index) ? [] : [{ field: at(index), after: entry }])),
    ...kept.flatMap(([old, now]) => fieldChanges(before[old], after[now], at(now))),
  ];
}

/** Indexes of the longest common subsequence. */
function keptEntries(before: readonly string[], after: readonly string[]): readonly (readonly [number, number])[] {
  const width = after.length + 1;
  /** Length of the longest one of the rests from `old` and `now` on, at `old * width + now`. */
  const longest = new Uint32Array((before.length + 1) * width);
  const at = (old: number, now: number) => longest[old * width + now] ?? 0;
  for (let old = before.length - 1; old >= 0; old -= 1) {
    for (let now = after.length - 1; now >= 0; now -= 1) {
      longest[old * width + now] =
        before[old] === after[now] ? at(old + 1, now + 1) + 1 : Math.max(at(old + 1, now), at(old, now + 1));
    }
  }
  const kept: (readonly [number, number])[] = [];
  let [old, now] = [0, 0];
  while (old < before.length && now < after.length) {
    if (before[old] === after[now]) {
      kept.push([old, now]);
      old += 1;
      now += 1;
    } else if (at(old + 1, now) >= at(old, now + 1)) old += 1;
    else now += 1;
  }
  return kept;
}

function subjectOf(entry: unknown): string {
  if (isObject(entry)) {
    for (const name of ['address', 'prefix', 'name']) {
      const value = own(entry, name);
      if (typeof value === 'string') return `${name} ${value}`;
    }
  }
  return JSON.stringify(entry);
}

function within(field: string, name: string): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  if (!plain) return `${field}[${JSON.stringify(name)}]`;
  return field === '' ? name : `${field}.${name}`;
}

function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
