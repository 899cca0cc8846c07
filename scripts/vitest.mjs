// Runs one vitest project and counts its tests from vitest's own JSON report.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, StepError } from './steps.mjs';

const reports = join(root, '.cache/reports');

/** Counts of this process, over every project it ran. */
export const tally = { passed: 0, failed: 0, skipped: 0 };

/** `N passed, N failed`, and `, N skipped` when there are any: the line by which a run of tests is judged. */
export const tallyLine = () =>
  `${tally.passed} passed, ${tally.failed} failed${tally.skipped === 0 ? '' : `, ${tally.skipped} skipped`}`;

/** Runs the tests of a project, showing them as they go. @returns `N tests`. Throws when one failed, or when none ran. */
export async function testProject(name, args = []) {
  mkdirSync(reports, { recursive: true });
  const report = join(reports, `${name}.json`);
  rmSync(report, { force: true });
  const { code } = await run(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      name,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    { show: true, mayFail: true },
  );
  const count = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  const passed = count?.numPassedTests ?? 0;
  const failed = count?.numFailedTests ?? 0;
  // A file that could not be loaded, or a hook that failed outside any test, counts as a failure though no test has failed.
  const broken = failed === 0 && code !== 0 ? 1 : 0;
  tally.passed += passed;
  tally.failed += failed + broken;
  tally.skipped += (count?.numPendingTests ?? 0) + (count?.numTodoTests ?? 0);
  if (code !== 0) throw new StepError(`the ${name} tests failed (vitest ended with code ${code})`);
  if (passed === 0) throw new StepError(`no ${name} test ran`);
  return `${passed} tests`;
}
