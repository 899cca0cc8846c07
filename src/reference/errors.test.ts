import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { errorsReference } from './errors.ts';

const sources = join(dirname(fileURLToPath(import.meta.url)), '..');

test('every reason word that the sources give stands in the reference with its meaning', () => {
  const reference = errorsReference();
  const found = new Map<string, string>();
  for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
    if (
      !file.endsWith('.ts') ||
      file.endsWith('.test.ts') ||
      /^(gen|reference)\/|recorded-answers|examples?\.ts/.test(file)
    )
      continue;
    const text = readFileSync(join(sources, file), 'utf8');
    for (const [, word = ''] of text.matchAll(/\breason: '(\w+)'/g)) found.set(word, file);
  }
  expect(found.size).toBeGreaterThan(30);
  for (const [word, file] of found) expect(reference, `${word} of ${file}`).toContain(`| \`${word}\` | `);
});
