import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from './folder.ts';

const place = mkdtempSync(join(tmpdir(), 'corebgp-folder-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

test('makes every folder above as well, for its owner alone, and is content with one that is there', () => {
  const deep = join(place, 'a/b/c');
  makeFolder(deep);
  makeFolder(deep);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
});

test('says so where nothing can be made: below a file, and in a file system that takes no folders', () => {
  writeFileSync(join(place, 'file'), '');
  expect(() => makeFolder(join(place, 'file'))).toThrow('EEXIST');
  expect(() => makeFolder(join(place, 'file/below'))).toThrow('ENOTDIR');
  expect(() => makeFolder('/proc/corebgp/below')).toThrow('ENOENT');
});
