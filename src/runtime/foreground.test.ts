import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInForeground } from './foreground.ts';

const never = new AbortController().signal;

test('words and file reach the program, whatever is in their names; its exit code comes back', async () => {
  const folder = mkdtempSync(join(tmpdir(), "core bgp '$x-"));
  try {
    const file = join(folder, 'a b.yaml');
    writeFileSync(file, 'one\n');
    expect(await runInForeground('sed -i s/one/two/', file, never)).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('two\n');
    expect(await runInForeground('false', file, never)).toBe(1);
    expect(await runInForeground('kill -TERM $$; true', file, never)).toBe(143);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(['sleep 60; true', 'sh -c "sleep 60" "$0"'])(
  'a program that is asked to end does, and is waited for: %s',
  async (line) => {
    const controller = new AbortController();
    const running = runInForeground(line, '/dev/null', controller.signal);
    setTimeout(() => controller.abort(), 200);
    // The shell may get to its next words before it is asked, too.
    expect([0, 143]).toContain(await running);
    await expect(runInForeground('true', '/dev/null', controller.signal)).rejects.toThrow();
  },
);
