/**
 * Writes src/contract/recorded-answers.ts: what a server answers to the examples, with ids, revisions and times replaced
 * by such as are the same each time. `node scripts/run-ts.mjs test/rig/record-examples.ts`, then `node scripts/gen.mjs`.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { version } from '../../src/runtime/version.ts';
import { startApi } from './api.ts';
import { carryOutExamples, provokeProblems } from './examples.ts';

const revisionNames = /^(revision|createRevision|modRevision|epoch|incarnation|appliedRevision)$/;

/** Tells names of one value from those of another, and says the same each time. */
function settled(answers: readonly (readonly [string, unknown])[]): object {
  const revisions = new Set<number>();
  const collect = (value: unknown, name: string) => {
    if (typeof value === 'number' && revisionNames.test(name)) revisions.add(value);
    if (typeof value === 'object' && value !== null)
      for (const [key, part] of Object.entries(value)) collect(part, key);
  };
  for (const [, value] of answers) collect(value, '');
  const ordered = [...revisions].sort((a, b) => a - b);
  const ids = new Map<string, string>();
  const settle = (value: unknown, name: string): unknown => {
    if (typeof value === 'number' && revisionNames.test(name)) return 1_001 + ordered.indexOf(value);
    if (name === 'rttMs' || typeof value === 'boolean') return value;
    if (typeof value === 'string') return settleText(value, ids, ordered);
    if (Array.isArray(value)) return value.map((part) => settle(part, ''));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, settle(part, key)]));
  };
  return Object.fromEntries(answers.map(([key, value]) => [key, settle(value, '')]));
}

function settleText(text: string, ids: Map<string, string>, ordered: readonly number[]): string {
  return text
    .replace(/\b[0-9a-f]{16,32}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, (id) => {
      if (/^0+/.test(id) || id.startsWith('0123')) return id;
      const known = ids.get(id) ?? createHash('sha256').update(String(ids.size)).digest('hex').slice(0, id.length);
      ids.set(id, known);
      return known;
    })
    .replace(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, '2026-01-01T12:00:00.000Z')
    .replace(/\brevision (\d+)\b/g, (all, digits: string) => {
      const at = ordered.indexOf(Number(digits));
      return at < 0 ? all : `revision ${1_001 + at}`;
    });
}

const rig = await startApi({ version });
const answers: [string, unknown][] = [];
try {
  for (const { key, example, status, body } of await carryOutExamples(rig.url)) {
    if (status !== example.status) {
      throw new Error(`${key} was answered ${status}, not ${example.status}: ${JSON.stringify(body)}`);
    }
    answers.push([key, { status, body }]);
  }
} finally {
  await rig.close();
}
for (const [code, body] of await provokeProblems()) answers.push([`problem/${code}`, { status: 0, body }]);

const text = `/** Written by test/rig/record-examples.ts: what a server answered to the examples. Long because: all of them are here. */
import type { RecordedAnswers } from './example.ts';

export const recordedAnswers: RecordedAnswers = ${JSON.stringify(settled(answers), null, 2)};
`;
writeFileSync('src/contract/recorded-answers.ts', text);
process.stdout.write(`${answers.length} answers\n`);
