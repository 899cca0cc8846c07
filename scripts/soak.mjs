// `npm run soak`: set-up with what tests need, then test/soak/soak.ts.
import { setup } from './setup.mjs';
import { program } from './steps.mjs';

await program(import.meta.url, async () => {
  await setup({ tests: true });
  const { runTypeScript } = await import('./run-ts.mjs');
  return runTypeScript('test/soak/soak.ts', process.argv.slice(2));
});
