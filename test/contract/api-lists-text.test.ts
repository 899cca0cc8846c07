/** Lines that are put together from stored texts: whatever the text is like, they say what the decoded record says. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeEach(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterEach(() => rig.close());

const lines = { accept: 'application/x-ndjson' };
const put = (key: string, value: string) =>
  rig.store.commit([], [{ op: 'put', key: `/corebgp/v1/${key}`, value }], never);

async function all<Row>(rows: AsyncIterable<Row>): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

test.each(['203.0.113.7/32', '2001:db8::7/128'])(
  'lines say the same the first time and later, in whatever form a record of %s is stored',
  async (prefix) => {
    await rig.send('POST', '/v1/announcements', announcement('web', [prefix]));
    const key = 'announcements/shop/web';
    const own = (await rig.store.get(`/corebgp/v1/${key}`, never)).entry?.value ?? '';
    const { metadata, spec } = JSON.parse(own);
    const read = async () => {
      const text = await (await fetch(`${rig.url}/v1/announcements`, { headers: lines })).text();
      const objects = await all(createClient(rig.api.direct).lines(endpoints.announcements.all, {}, never));
      return [text, objects.map((one) => `${JSON.stringify(one)}\n`).join('')];
    };
    const forms = [
      own,
      JSON.stringify(JSON.parse(own), undefined, 1),
      JSON.stringify({ v: 1, kind: 'Announcement', metadata: { revision: 3, ...metadata }, spec }),
      JSON.stringify({ v: 1, kind: 'Announcement', metadata, spec, novelty: { a: 1 } }),
      JSON.stringify({ v: 1, kind: 'Announcement', metadata, novelty: {}, spec }),
      JSON.stringify({ v: 1, kind: 'Announcement', metadata: { ...metadata, novelty: {}, spec: {} }, extra: 1, spec }),
      own.replace('"labels":', '"labels" :').replace('"name":"web"', '"name":"\\u0077eb"'),
      JSON.stringify({
        v: 1,
        kind: 'Announcement',
        metadata: { ...metadata, annotations: { 10: '},"spec":{', 9: '\u2028\ud83d\ude00"\\' } },
        spec,
      }),
    ];
    for (const [index, form] of forms.entries()) {
      await put(key, form);
      const revision = (await rig.store.get(`/corebgp/v1/${key}`, never)).entry?.modRevision;
      await expect.poll(async () => (await read())[0]).toContain(`"revision":${revision}`);
      for (let times = 0; times < 3; times += 1) {
        const [text, objects] = await read();
        expect(text, `form ${index}`).toBe(objects);
        expect(text).not.toContain('"unreadable"');
      }
    }
  },
);
