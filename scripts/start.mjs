// `npm start`: set-up, then the playground in the foreground; its exit code is ours.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setup } from './setup.mjs';
import { program, root } from './steps.mjs';

await program(import.meta.url, async () => {
  await setup();
  const child = spawn(process.execPath, [join(root, 'bin/corebgp'), 'playground', ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C and its own end to the whole group, so the playground has them already; sending them again would look like
  // an impatient second Ctrl-C. Without a terminal they came to us alone. SIGTERM always comes to us alone.
  const terminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) {
    process.on(signal, () => {
      if (!terminal || signal === 'SIGTERM') child.kill(signal);
    });
  }
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
});
