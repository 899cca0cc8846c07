// House rules about files that no linter knows: names, length, what stands at the top, and where time and chance may be taken from.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { program, root, StepError } from './steps.mjs';
import { sourceFiles } from './walls.mjs';

const emptyNames = /^(main|manager|types?|utils?|helpers?|common|misc|shared|index)$/;
const longest = 300;
const ambient = /\b(Date\.now|Math\.random|AbortSignal\.timeout|performance\.now)\b|\bnew Date\(\)/;
const mayBeAmbient = (file) => file.startsWith('src/runtime/') || file === 'src/client/http.ts';

/** Faults of one file, as phrases. */
export function faultsOf(file, text) {
  if (file.startsWith('src/gen/')) return [];
  const faults = [];
  const lines = text.trimEnd().split('\n');
  const isTest = file.endsWith('.test.ts');
  const name = basename(file, '.ts').replace(/\.test$/, '');
  if (emptyNames.test(name)) faults.push(`its name says nothing: find the word for what lives there`);
  if (lines.length > longest && !/Long because:/.test(lines.slice(0, 10).join('\n'))) {
    faults.push(`${lines.length} lines; past ${longest} the first lines must say "Long because: …", or it must be cut`);
  }
  if (isTest) return faults;
  if (!/^(\/\*\*|\/\/|#!)/.test(text)) faults.push('its first lines do not say its one job');
  if (mayBeAmbient(file)) return faults;
  lines.forEach((line, index) => {
    const found = ambient.exec(line.replace(/^\s*(\*|\/\/|\/\*).*|\s\/\/ .*$/, ''));
    if (found)
      faults.push(
        `line ${index + 1}: ${found[0]} belongs to src/runtime; take the clock or the randomness as a parameter`,
      );
  });
  return faults;
}

export function checkStructure() {
  const files = sourceFiles();
  const faults = files.flatMap((file) =>
    faultsOf(file, readFileSync(join(root, file), 'utf8')).map((fault) => `${file}: ${fault}`),
  );
  if (faults.length > 0) throw new StepError(faults.join('\n'));
  return `${files.length} files`;
}

await program(import.meta.url, () => console.log(checkStructure()));
