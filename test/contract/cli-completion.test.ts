/** The bash script of `corebgp completion` in a real bash, with a stand-in for the program that answers as it does. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { scripts } from '../../src/cli/completion.ts';

/** What bash would insert for the last word of the line; `words` as bash cuts it. */
function completed(line: string, words: readonly string[], answers: readonly string[]) {
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const script = `
${scripts['bash']}
corebgp() { [[ $1 == complete ]] && printf '%q\\n' "$2" >&2; printf '%s\\n' ${answers.map(quoted).join(' ')}; }
compopt() { echo "compopt"; }
COMP_LINE=${quoted(line)}
COMP_POINT=\${#COMP_LINE}
COMP_WORDS=(${words.map(quoted).join(' ')})
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_corebgp
printf '%s\\n' "\${COMPREPLY[@]}"`;
  // The script hides what the program says on stderr; here it tells what was asked.
  const shown = script.replace('2> /dev/null', '2> >(cat >&2)');
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', shown], { encoding: 'utf8' });
  expect(status).toBe(0);
  return { replies: stdout.split('\n').filter((one) => one !== ''), asked: stderr.trim() };
}

test('words are asked for as typed, and descriptions are left out', () => {
  const { replies } = completed('corebgp get an', ['corebgp', 'get', 'an'], ['announcements\tall of them', 'ann']);
  expect(replies).toEqual(['announcements', 'ann']);
});

test('the empty word at the end is asked for', () => {
  expect(completed('corebgp get ', ['corebgp', 'get', ''], ['peers']).asked).toContain('get\\037');
});

test('where bash cuts a word, only the rest of it is replied', () => {
  expect(
    completed('corebgp get --output=j', ['corebgp', 'get', '--output', '=', 'j'], ['--output=json']).replies,
  ).toEqual(['json']);
  expect(completed('corebgp get --output=', ['corebgp', 'get', '--output', '='], ['--output=json']).replies).toEqual([
    'json',
  ]);
  const six = completed(
    'corebgp drain next-hop 2001:db',
    ['corebgp', 'drain', 'next-hop', '2001', ':', 'db'],
    ['2001:db8::1'],
  );
  expect(six.replies).toEqual(['db8::1']);
});

test('files are left to bash', () => {
  expect(completed('corebgp apply -f ', ['corebgp', 'apply', '-f', ''], [':file']).replies).toEqual(['compopt']);
});
