import fc from 'fast-check';
import { expect, test } from 'vitest';
import { announcementSpecs } from '../../test/rig/planning.ts';
import { cachedEntry } from './cached.ts';
import { servedText } from './record-text.ts';
import { served } from './resource-lists.ts';

/** Texts that look like the form itself, and what JSON escapes. */
const nasty = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '},"spec":{',
    '"},"spec":{"',
    '\\"},"spec":{',
    '{"v":1,"kind":"Announcement","metadata":{',
    '\u2028\u2029\u0000\u007f\\',
    '\ud800',
    '__proto__',
    'revision',
    '10',
    '2',
  ),
);
const words = fc.dictionary(nasty, nasty, { maxKeys: 4 });
const metadata = fc.record(
  { name: nasty, project: nasty, labels: words, annotations: words, uid: nasty, createdAt: nasty, updatedAt: nasty },
  { requiredKeys: ['name', 'uid', 'createdAt', 'updatedAt'] },
);
const status = { state: 'held', message: '},"spec":{ é"' };

test('a record as its own text says it is what encoding it gives, whatever its labels and annotations are', () => {
  fc.assert(
    fc.property(metadata, announcementSpecs, fc.nat(), fc.boolean(), (meta, spec, modRevision, withStatus) => {
      const record = { v: 1, kind: 'Announcement', metadata: meta, spec } as const;
      const value = JSON.stringify(record);
      const entry = cachedEntry({ key: 'announcements/shop/web', value, createRevision: 1, modRevision });
      const row = served('Announcement', record, modRevision);
      const encoded = JSON.stringify(withStatus ? { ...row, status } : row);
      expect(servedText('Announcement', entry, withStatus ? JSON.stringify(status) : undefined)).toBe(encoded);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['another kind', '{"v":1,"kind":"Drain","metadata":{"name":"web"},"spec":{}}'],
  ['another order', '{"kind":"Announcement","v":1,"metadata":{"name":"web"},"spec":{}}'],
  ['spaces', '{ "v": 1, "kind": "Announcement", "metadata": {"name": "web"}, "spec": {} }'],
  ['no spec', '{"v":1,"kind":"Announcement","metadata":{"name":"web"}}'],
])('a text of another form is told: %s', (_, value) => {
  const entry = cachedEntry({ key: 'announcements/shop/web', value, createRevision: 1, modRevision: 7 });
  expect(servedText('Announcement', entry, undefined)).toBeUndefined();
});
