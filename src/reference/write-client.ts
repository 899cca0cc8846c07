/** Writes the client's generated types below the folder named on the command line: `node scripts/run-ts.mjs src/reference/write-client.ts FOLDER`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientCalls } from './client-calls.ts';

const folder = join(process.argv[2] ?? '.', 'src/client');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'calls.ts'), clientCalls());
