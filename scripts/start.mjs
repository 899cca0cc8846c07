// `npm start`: set-up, then the playground in the foreground; its exit code is ours.
import { join } from 'node:path';
import { setup } from './setup.mjs';
import { program, root, runInForeground } from './steps.mjs';

await program(import.meta.url, async () => {
  await setup();
  return runInForeground(process.execPath, [join(root, 'bin/corebgp'), 'playground', ...process.argv.slice(2)]);
});
