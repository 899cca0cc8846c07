import { expect, test } from 'vitest';
import { runIn } from '../../test/rig/shell.ts';

const steps = [{ step: 'announcement', subject: 'shop/web', reason: 'declared', message: 'It is declared.' }];
const answer = () => ({ explanations: [{ announcement: 'shop/web', state: 'announced', steps }], more: 99_500 });

test.each(['203.0.113.10', '2001:db8::10'])('that %s concerns more than is explained is said', async (address) => {
  const { code, out, err } = await runIn({ answer }, 'explain', address);
  expect(code).toBe(0);
  expect(out).toContain('shop/web: announced');
  expect(err).toBe('note: it concerns 99,500 more announcements, which are not explained here\n');
  const json = await runIn({ answer }, 'explain', address, '-o', 'json');
  expect([JSON.parse(json.out).more, json.err]).toEqual([99_500, '']);
});
