import { expect, test } from 'vitest';
import { runIn } from '../../test/rig/shell.ts';

const stdin = 'kind: Peer\nmetadata: { name: a }\nspec: { address: "2001:db8::1", asn: 64512 }\n';
const paths = [
  {
    speaker: 'n1',
    announce: [{ prefix: '203.0.113.10/32', nextHop: '10.0.1.12', reason: 'healthy' }],
    withdraw: [],
    change: [],
  },
];
const changed = {
  kind: 'Announcement',
  name: 'shop/web',
  result: 'changed',
  changes: [
    { field: 'spec.prefixes[1]', after: '2001:db8::10/128' },
    { field: 'spec.nextHops[0].address', before: '10.0.1.11', after: '10.0.1.12' },
    { field: 'metadata.labels.team', before: 'edge' },
  ],
};
const unchanged = { kind: 'Peer', name: 'rr1', result: 'unchanged', changes: [] };
const failed = { kind: 'Peer', name: 'rr2', result: 'failed', error: { code: 'notEntitled', detail: 'Not yours.' } };
const answering =
  (results: readonly object[], more = paths) =>
  () => ({ dryRun: true, results, paths: more });

test('what would change is told by field and by path, and the exit code is 1', async () => {
  const { code, out, err, requests } = await runIn(
    { stdin, answer: answering([changed, unchanged]) },
    'diff',
    '-f',
    '-',
  );
  expect(requests[0]).toMatchObject({ endpoint: 'apply', query: { dryRun: 'true' } });
  expect({ code, err }).toEqual({ code: 1, err: '' });
  expect(out.split('\n')).toEqual([
    '~ announcement shop/web',
    '  + spec.prefixes[1]: "2001:db8::10/128"',
    '  ~ spec.nextHops[0].address: "10.0.1.11" → "10.0.1.12"',
    '  - metadata.labels.team: "edge"',
    'speaker n1',
    '     PREFIX           NEXT HOP   REASON',
    '  +  203.0.113.10/32  10.0.1.12  healthy',
    '',
  ]);
});

test('what the server does not list is told as a number, also over several calls', async () => {
  const one = (index: number) =>
    `kind: Peer\nmetadata: { name: a${index} }\nspec: { address: "2001:db8::1", asn: 64512 }\n`;
  const many = Array.from({ length: 501 }, (_, index) => one(index)).join('---\n');
  const answer = () => ({
    dryRun: true,
    results: [],
    paths: paths.map((diff) => ({ ...diff, more: { announce: 49_000, withdraw: 2 } })),
  });
  const { out, requests } = await runIn({ stdin: many, answer }, 'diff', '-f', '-', '-o', 'json');
  expect(requests).toHaveLength(2);
  expect(JSON.parse(out)).toMatchObject({ paths: [{ more: { announce: 98_000, withdraw: 4 } }] });
  const dryRun = await runIn({ stdin: many, answer }, 'apply', '-f', '-', '--dry-run');
  expect(dryRun.out.split('\n')).toEqual([
    'speaker n1',
    '     PREFIX           NEXT HOP   REASON',
    '  +  203.0.113.10/32  10.0.1.12  healthy',
    '  +  and 98,000 more',
    '  -  and 4 more',
    '',
  ]);
});

test('nothing to do is silent, with exit code 0', async () => {
  const answer = answering([unchanged], []);
  expect(await runIn({ stdin, answer }, 'diff', '-f', '-')).toMatchObject({ code: 0, out: '', err: '' });
});

test('what would be refused has the exit code of its error, whatever else would change', async () => {
  const { code, out, err } = await runIn({ stdin, answer: answering([changed, failed]) }, 'diff', '-f', '-');
  expect(code).toBe(2);
  expect(out).toContain('~ announcement shop/web');
  expect(err).toContain('error: peer rr2: Not yours.');
});

test('JSON has everything, and the same exit code', async () => {
  const { code, out } = await runIn({ stdin, answer: answering([changed]) }, 'diff', '-f', '-', '-o', 'json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ dryRun: true, results: [changed], paths });
});

test('a value that is long is cut, and what it holds cannot command the terminal', async () => {
  const long = { ...changed, changes: [{ field: 'metadata.annotations.note', after: `\u001b[31m${'x'.repeat(900)}` }] };
  const { out } = await runIn({ stdin, answer: answering([long]) }, 'diff', '-f', '-');
  expect(out.split('\n')[1]?.length).toBeLessThan(260);
  expect(out).not.toContain('\u001b');
});
