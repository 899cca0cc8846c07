/** Writes the reference pages that are made of several roles' tables below the folder named on the command line: `node scripts/run-ts.mjs src/reference/write.ts FOLDER`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsReference } from './errors.ts';
import { limitsReference } from './limits.ts';
import { metricsReference } from './metrics.ts';

const folder = join(process.argv[2] ?? '.', 'docs/reference');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'errors.md'), errorsReference());
writeFileSync(join(folder, 'metrics.md'), metricsReference());
writeFileSync(join(folder, 'limits.md'), limitsReference());
