// Writes every generated file that is committed; `--check` writes nothing and fails when one of them differs.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { program, root, run, StepError } from './steps.mjs';

/** `run(folder)` writes below the folder what belongs at the same place below the root. `owns`: files and folders that hold nothing else. */
const generators = [
  {
    name: 'protobuf',
    owns: ['src/gen'],
    run: (folder) => run(process.execPath, ['node_modules/@bufbuild/buf/bin/buf', 'generate', '--output', folder]),
  },
  {
    name: 'reference',
    owns: ['docs/openapi.json', 'docs/reference/cli.md', 'docs/reference/config.md'],
    run: (folder) => run(process.execPath, ['scripts/run-ts.mjs', 'src/cli/write-reference.ts', folder]),
  },
  {
    name: 'tables',
    owns: ['docs/reference/errors.md', 'docs/reference/limits.md', 'docs/reference/metrics.md'],
    run: (folder) => run(process.execPath, ['scripts/run-ts.mjs', 'src/reference/write.ts', folder]),
  },
  {
    name: 'client',
    owns: ['src/client/calls.ts'],
    run: (folder) => run(process.execPath, ['scripts/run-ts.mjs', 'src/reference/write-client.ts', folder]),
  },
];

function filesOf(base, place) {
  if (!existsSync(join(base, place))) return [];
  const entries = readdirSync(join(base, place), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(base.length + 1))
    .sort();
}

const ownedFiles = (base, owns) =>
  owns.flatMap((place) =>
    /\.\w+$/.test(place) ? [place].filter((file) => existsSync(join(base, file))) : filesOf(base, place),
  );

/** Generates; without `check` the result takes its place. @returns the number of files. */
export async function generate({ check = false, only } = {}) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  let count = 0;
  for (const { name, owns, run: generator } of generators.filter((one) => only === undefined || one.name === only)) {
    const folder = mkdtempSync(join(root, '.cache/gen-'));
    try {
      await generator(folder);
      const fresh = ownedFiles(folder, owns);
      if (fresh.length === 0) throw new StepError(`the generator ${name} wrote no file`);
      const committed = ownedFiles(root, owns);
      const differing = [...new Set([...fresh, ...committed])].filter(
        (file) =>
          !fresh.includes(file) ||
          !committed.includes(file) ||
          !readFileSync(join(folder, file)).equals(readFileSync(join(root, file))),
      );
      count += fresh.length;
      if (differing.length === 0) continue;
      if (check) throw new StepError(`generated files differ; run "npm run gen" and commit: ${differing.join(', ')}`);
      for (const file of differing) {
        rmSync(join(root, file), { force: true });
        if (!fresh.includes(file)) continue;
        mkdirSync(dirname(join(root, file)), { recursive: true });
        cpSync(join(folder, file), join(root, file));
      }
      console.log(`${name}: ${differing.join(', ')}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return count;
}

await program(import.meta.url, async () => {
  const args = process.argv.slice(2);
  const only = args.find((arg) => !arg.startsWith('-'));
  const count = await generate({ check: args.includes('--check'), ...(only ? { only } : {}) });
  console.log(`${count} generated files are as they should be`);
});
