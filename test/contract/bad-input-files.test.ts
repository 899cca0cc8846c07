/** The bad-input matrix for files: what `corebgp apply -f` says, with file, line and column, and that nothing was written. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/run.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';
import { expectNothingWritten, kept } from '../rig/bad-input.ts';
import { fakeShell } from '../rig/shell.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const peer = (line = '') => `kind: Peer\nmetadata: { name: rr1 }\nspec:\n  address: 192.0.2.1\n  asn: 64512\n${line}`;
const bomb = (characters: number) => {
  let text = 'a0: &a0 [lol]\n';
  for (let level = 1; text.length < characters; level += 1)
    text += `a${level}: &a${level} [${`*a${level - 1}, `.repeat(9)}]\n`;
  return text;
};

test.each([
  ['YAML that ends too early', 'kind: [', /line 1, column 8 \(document 1\): this YAML can't be read/],
  ['a tab', peer('\tport: 1\n'), /line 6, column 1 .*Tabs are not allowed/],
  ['a field twice', peer('  asn: 1\n'), /line 6, column 3 .*asn is there twice; write it once/],
  ['the second of two documents', `${peer()}---\nkind: Peer\nkind: Peer\n`, /line 8, column 1 \(document 2\)/],
  ['no document', '', /holds no resource; it should have "kind:"/],
  ['only empty documents', '---\n---\n', /holds no resource/],
  ['words', 'just words\n', /this is no resource/],
  ['a misspelt field', peer('  pasive: true\n'), /line 6 \(document 1\).*did you mean "passive"\?/],
  ['a misspelt kind', 'kind: Pear\nmetadata: { name: a }\nspec: {}\n', /did you mean "Peer"\?/],
  ['"on" of YAML 1.1', peer('  passive: on\n'), /line 6 .*true or false, not "on"; write true/],
  ['012', peer('  port: 012\n'), /line 6, column 9 .*leading zero.*octal; write 12, or "012"/],
  ['1:30', peer('  port: 1:30\n'), /line 6 .*must be a whole number, not "1:30"/],
  ['.inf', peer('  port: .inf\n'), /no number that can be kept/],
  ['a number too large', peer('  port: 9007199254740993\n'), /can't be kept exactly/],
  ['%YAML 1.1', `%YAML 1.1\n---\n${peer()}`, /asks for another YAML than 1\.2; leave it out/],
  ['a merge key', peer('  <<: { port: 1 }\n'), /"<<" \(merge\) is not part of YAML 1\.2/],
  ['!!js/function', peer('  port: !!js/function "x"\n'), /line 6, column 9 .*leave the tag out/],
  ['an own tag', peer('  port: !port 1\n'), /!port means nothing here; leave the tag out/],
  ['a list for a name', peer('  ? [a]\n  : b\n'), /must be plain text/],
  ['__proto__', peer('  __proto__: { port: 1 }\n'), /__proto__ is unknown/],
  ['the zero character', peer('  why: "a\\0"\n'), /U\+0000; leave it out/],
  ['bytes that are no UTF-8', peer('  why: \ufffd\n'), /line 6, column 8: .*save the file as UTF-8/],
  ['an unknown anchor', peer('  port: *nowhere\n'), /\*nowhere refers to an anchor that is not there above it/],
  ['a mapping within itself', 'kind: &a\n  b: *a\n', /nested more than 32 deep/],
  ['a bomb of aliases', bomb(2_000), /more than 100 aliases; write the values out/],
  ['10 MB of aliases', bomb(10_000_000), /YAML document larger than 1 MiB.*a new one with "---"/],
  ['5,000 levels', `spec: ${'['.repeat(5_000)}`, /nested/],
  ['JSON with a key twice', '{"kind":"Peer",\n "kind":"Peer"}', /line 2, column 2: kind is there twice/],
  ['JSON of 100,000 levels', '{"a":'.repeat(100_000), /nested deeper than 34 levels/],
  [
    'a bare next hop',
    JSON.stringify(announcement('x', ['203.0.113.2/32'])).replace('{"address":"10.0.1.1"}', '"10.0.1.1"'),
    /write \{ address: 10\.0\.1\.1 \}/,
  ],
])('%s', async (_what, stdin, says) => {
  const before = await kept(rig.store);
  const shell = fakeShell({ stdin, env: { COREBGP_URL: rig.url } });
  const code = await runCommandLine(['apply', '-f', '-'], {
    ...shell,
    clock: systemClock,
    connect: async (url) => createHttpTransport({ url, clock: systemClock }),
  });
  expect(shell.err()).toMatch(says);
  expect(shell.err()).toMatch(/^error: /);
  expect(shell.err()).toContain('standard input');
  expect([code, shell.out()]).toEqual([2, '']);
  await expectNothingWritten(rig.store, before);
});
