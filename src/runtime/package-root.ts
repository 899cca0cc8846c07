/** The folder of CoreBGP's package.json, whether it runs from its sources or from the bundle. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageRoot: string = (function climb(folder: string): string {
  const above = dirname(folder);
  return existsSync(join(folder, 'package.json')) || above === folder ? folder : climb(above);
})(dirname(fileURLToPath(import.meta.url)));
