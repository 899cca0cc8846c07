/**
 * `npm run bench`: what CoreBGP reaches, next to the limit measured in the same run, so that the ratio tells the truth on
 * any machine. Options: --only ROW[,ROW], --quick, --json FILE, --write (docs/speed.md), --profile (CPU
 * profiles of every node in .cache/bench/profiles; the times are then no good). How to read it: docs/speed.md.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gobgpdOf, gobgpGenerations } from '../test/servers/gobgpd.ts';
import { packageRoot } from '../test/servers/places.ts';
import { profileVariable } from './rig/node.ts';
import { type Row, ratioOf } from './row.ts';
import { createsRow } from './rows/creates.ts';
import { listsRow } from './rows/lists.ts';
import { memoryRow } from './rows/memory.ts';
import { resyncRow } from './rows/resync.ts';
import { startRow } from './rows/start.ts';
import { statusRow } from './rows/status.ts';
import { verdictRow } from './rows/verdict.ts';
import { watchRow } from './rows/watch.ts';
import { detailLines, type Measured, markdownTable, textTable } from './table.ts';

const rows: readonly Row[] = [startRow, verdictRow, createsRow, resyncRow, memoryRow, listsRow, watchRow, statusRow];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const only = values.only.flatMap((names) => names.split(','));
for (const name of only) {
  if (rows.some((row) => row.name === name)) continue;
  process.stderr.write(`There is no row "${name}"; there are ${rows.map((row) => row.name).join(', ')}.\n`);
  process.exit(2);
}

const began = performance.now();
const say = (text: string) => {
  const seconds = ((performance.now() - began) / 1_000).toFixed(0).padStart(4);
  process.stdout.write(`[bench ${seconds} s, load ${load()}] ${text}\n`);
};
/** Processes that wanted to run in the last minute; more than cores means that somebody else works here too. */
const load = () => (loadavg()[0] ?? 0).toFixed(1);

const machine = {
  cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `Linux ${release().replace(/-.*/, '')}`,
  node: process.versions.node,
  gobgp: gobgpGenerations.map((generation) => gobgpdOf(generation).version).join(', '),
};
const loadAtStart = load();
const root = join(packageRoot, '.cache/bench');
mkdirSync(root, { recursive: true });
const folder = mkdtempSync(join(root, 'run-'));
if (values.profile) process.env[profileVariable] = join(root, 'profiles');
const measured: Measured[] = [];
const times: Record<string, number> = {};
try {
  for (const row of rows.filter(({ name }) => only.length === 0 || only.includes(name))) {
    say(`${row.name}: ${row.what}`);
    const start = performance.now();
    const progress = (text: string) => say(`${row.name}: ${text}`);
    for (const result of await row.measure({ quick: values.quick, folder, progress })) {
      measured.push({ row: row.name, result });
    }
    times[row.name] = Math.round((performance.now() - start) / 1_000);
    say(`${row.name}: done in ${times[row.name]} s`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const at = new Date().toISOString();
const report = {
  at,
  machine,
  load: { atStart: loadAtStart, atEnd: load() },
  quick: values.quick,
  seconds: times,
  rows: measured.map(({ row, result }) => ({ row, ...result, ratio: ratioOf(result) })),
};
writeFileSync(join(root, 'latest.json'), `${JSON.stringify(report, null, 1)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`);
if (values.write) writeDocument();

const missed = measured.filter(({ result }) => result.mark?.met === false);
process.stdout.write(
  [
    '',
    textTable(measured),
    '',
    ...detailLines(measured),
    '',
    `${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, GoBGP ${machine.gobgp}; load ${loadAtStart} at the start, ${load()} at the end`,
    missed.length === 0
      ? 'Every mark is met.'
      : `Missed: ${missed.map(({ row, result }) => `${row} (${result.what})`).join('; ')}`,
    '',
  ].join('\n'),
);

/** Puts the table between the markers of docs/speed.md. */
function writeDocument(): void {
  const file = join(packageRoot, 'docs/speed.md');
  const text = readFileSync(file, 'utf8');
  const [before, rest] = text.split('<!-- table -->\n');
  const after = rest?.split('<!-- end of table -->\n')[1];
  if (before === undefined || after === undefined) throw new Error('docs/speed.md has lost its markers');
  const table = [
    '<!-- table -->',
    '',
    `${at.slice(0, 10)}, ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, GoBGP ${machine.gobgp}, load ${loadAtStart} at the start and ${load()} at the end${values.quick ? ', quick' : ''}.`,
    '',
    markdownTable(measured),
    '',
    ...detailLines(measured).map((line) => `- ${line}`),
    '',
    '<!-- end of table -->',
    '',
  ].join('\n');
  writeFileSync(file, `${before}${table}${after}`);
}
