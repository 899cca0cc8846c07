import { expect, test } from 'vitest';
import { runIn } from '../../test/rig/shell.ts';
import { labelsFrom } from './label.ts';

const labelled = (labels: object) => ({
  apiVersion: 'corebgp/v1',
  kind: 'Peer',
  metadata: { name: 'rr1', uid: 'u', revision: 3, createdAt: 't', updatedAt: 't', labels },
  spec: { address: '2001:db8::1', asn: 64512 },
});

test('labels are set and removed by one merge patch', async () => {
  const { code, out, err, requests } = await runIn(
    { answer: () => labelled({ team: 'edge', note: 'a=b' }) },
    ...['label', 'peer', 'rr1', 'team=edge', 'note=a=b', 'old-'],
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(requests).toMatchObject([
    {
      endpoint: 'peers.patch',
      params: { name: 'rr1' },
      body: { metadata: { labels: { team: 'edge', note: 'a=b', old: null } } },
    },
  ]);
  expect(out).toBe('peer rr1 labelled: team=edge note=a=b\n');
});

test('an announcement is named with its project; the answer can be had as JSON', async () => {
  const answer = () => ({ ...labelled({}), kind: 'Announcement', spec: { prefixes: ['2001:db8::/64'], nextHops: [] } });
  for (const words of [['shop/web'], ['web', '--project', 'shop']]) {
    const { out, requests } = await runIn({ answer }, 'label', 'ann', ...words, 'a=1', '-o', 'json');
    expect(requests[0]).toMatchObject({ endpoint: 'announcements.patch', params: { project: 'shop', name: 'web' } });
    expect(JSON.parse(out).metadata.name).toBe('rr1');
  }
});

test('the value may be empty, and a key may end in a dash when it has a value', () => {
  expect(labelsFrom(['a=', 'b-=1', 'c-'])).toEqual({ a: '', 'b-': '1', c: null });
});

test.each([['team'], ['=x'], ['-'], [''], ['a=1 b'.slice(4)]])('"%s" is no label', async (word) => {
  const { code, err, requests } = await runIn({}, 'label', 'peer', 'rr1', '--', word);
  expect(code).toBe(2);
  expect(err).toContain('write key=value');
  expect(requests).toEqual([]);
});

test('a label that is given twice is refused, as are kinds without labels', async () => {
  expect((await runIn({}, 'label', 'peer', 'rr1', 'a=1', 'a-')).err).toContain('given twice');
  expect((await runIn({}, 'label', 'speaker', 'n1', 'a=1')).code).toBe(2);
});
