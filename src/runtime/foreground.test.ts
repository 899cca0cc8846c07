import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInForeground } from './foreground.ts';

test('words and file reach the program, whatever is in their names; its exit code comes back', async () => {
  const folder = mkdtempSync(join(tmpdir(), "core bgp '$x-"));
  try {
    const file = join(folder, 'a b.yaml');
    writeFileSync(file, 'one\n');
    expect(await runInForeground('sed -i s/one/two/', file)).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('two\n');
    expect(await runInForeground('false', file)).toBe(1);
    expect(await runInForeground('kill -TERM $$; true', file)).toBe(143);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
