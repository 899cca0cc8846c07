// The walls between folders, by dependency-cruiser; and that it looked at every source file, since one that sees none finds no fault.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { program, root, run, StepError } from './steps.mjs';

/** Paths of the TypeScript files below src/, relative to the root. */
export function sourceFiles() {
  return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** @returns how many files were looked at. Throws a list of the imports that cross a wall. */
export async function checkWalls() {
  const { output, code } = await run(
    process.execPath,
    [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      'src',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
    ],
    { mayFail: true },
  );
  if (!output.startsWith('{')) throw new StepError(`dependency-cruiser failed (code ${code}):\n${output}`);
  const { modules, summary } = JSON.parse(output);
  const seen = new Set(modules.map(({ source }) => source));
  const files = sourceFiles();
  const unseen = files.filter((file) => !seen.has(file));
  if (files.length === 0 || unseen.length > 0) {
    throw new StepError(
      `dependency-cruiser did not look at ${unseen.length} of ${files.length} source files: ${unseen.slice(0, 5).join(', ')}`,
    );
  }
  const faults = summary.violations
    .filter(({ rule }) => rule.severity === 'error')
    .map(({ from, to, rule }) => `${from} -> ${to}: ${rule.name}`);
  if (faults.length > 0) throw new StepError(faults.join('\n'));
  return `${files.length} files`;
}

await program(import.meta.url, async () => console.log(await checkWalls()));
