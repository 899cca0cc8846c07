// `npm run bench`: set-up with what tests need, then bench/bench.ts.
import { setup } from './setup.mjs';
import { program } from './steps.mjs';

await program(import.meta.url, async () => {
  await setup({ tests: true });
  const { runTypeScript } = await import('./run-ts.mjs');
  return runTypeScript('bench/bench.ts', process.argv.slice(2));
});
