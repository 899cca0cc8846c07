// `npm test`: set-up, then everything: the checks of `npm run ok`, the bundle, the end-to-end tests. With arguments (`npm test -- NAME`)
// only vitest, with those arguments.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setup } from './setup.mjs';
import { program, root, run, StepError, steps } from './steps.mjs';

await program(import.meta.url, async () => {
  const reports = join(root, '.cache/reports');
  const total = join(reports, 'total.txt');
  rmSync(total, { force: true });
  const list = steps('test');
  await list.step('set-up', () => setup({ tests: true }), { ticking: false });
  const args = process.argv.slice(2);
  if (args.length > 0) {
    const { code } = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args], {
      show: true,
      mayFail: true,
    });
    return code;
  }
  const { ok } = await import('./ok.mjs');
  const { tally, tallyLine, testProject } = await import('./vitest.mjs');
  let failure;
  try {
    await ok(list);
    // Set-up built it from the same sources; this one is built even when its stamp says it is current.
    await list.step('build', async () => {
      await run(process.execPath, ['scripts/build.mjs']);
    });
    await list.step('end-to-end tests', () => testProject('e2e'), { ticking: false });
  } catch (cause) {
    if (!(cause instanceof StepError)) throw cause;
    failure = cause;
  }
  list.table();
  if (failure) {
    process.stdout.write(`\n${failure.message}\n`);
    // A check that is no test fails the run too, and its last line must not look like success.
    if (tally.failed === 0) tally.failed = 1;
  }
  mkdirSync(reports, { recursive: true });
  writeFileSync(total, `${tallyLine()}\n`);
  process.stdout.write(`\n${tallyLine()}\n`);
  return failure ? 1 : 0;
});
