// `npm run ok`: format, lint, types, walls, structure, generated files, unit and contract tests; each step with its time.
import { program, run, steps } from './steps.mjs';

/** The checks, as steps on the given list; stops at the first that fails. */
export async function ok({ step }) {
  const { generate } = await import('./gen.mjs');
  const { checkStructure } = await import('./structure.mjs');
  const { testProject } = await import('./vitest.mjs');
  const { checkWalls } = await import('./walls.mjs');
  await step('format and lint', async () => {
    await run(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']);
  });
  await step('types', async () => {
    await run(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit']);
  });
  await step('walls', checkWalls);
  await step('structure', checkStructure);
  await step('unused files and dependencies', async () => {
    await run(process.execPath, ['node_modules/knip/bin/knip.js', '--no-config-hints']);
  });
  await step('generated files', async () => `${await generate({ check: true })} files`);
  await step('unit tests', () => testProject('unit'), { ticking: false });
  await step('contract tests', () => testProject('contract'), { ticking: false });
}

await program(import.meta.url, async () => {
  const { setup } = await import('./setup.mjs');
  await setup({ tests: true });
  const list = steps('ok');
  try {
    await ok(list);
  } finally {
    list.table();
  }
});
