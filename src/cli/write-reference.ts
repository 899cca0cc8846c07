/** Writes the reference pages below the folder named on the command line: `node scripts/run-ts.mjs src/cli/write-reference.ts FOLDER`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configReference } from '../config/reference.ts';
import { openapiDocument } from '../contract/openapi.ts';
import { version } from '../runtime/version.ts';
import { cliReference } from './reference.ts';

const folder = join(process.argv[2] ?? '.', 'docs/reference');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'config.md'), configReference());
writeFileSync(join(folder, 'cli.md'), await cliReference());
writeFileSync(join(folder, '../openapi.json'), `${JSON.stringify(openapiDocument(version), null, 2)}\n`);
