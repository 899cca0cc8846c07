/** Every request has an id, which stands in its answer, in each line logged for it, and in what the command line prints. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure.ts';
import { createClient } from '../../src/client/client.ts';
import { createHttpTransport } from '../../src/client/http.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { CoreBgpError } from '../../src/model/errors.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { Log } from '../../src/runtime/log.ts';
import { type ApiRig, announcement, never, shop, startApi } from '../rig/api.ts';
import { eventually } from '../rig/eventually.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

let lines: Line[] = [];
let broken = false;
const logOf = (bound: object): Log => {
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields: { ...bound, ...fields } });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => logOf({ ...bound, ...fields }),
  };
};

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi({ log: logOf({}) }, (store) => ({
    ...store,
    commit: async (...given) => {
      if (broken) throw new CoreBgpError('unavailable', 'The store could not write: no space left.');
      return store.commit(...given);
    },
  }));
  expect((await rig.send('PUT', '/v1/projects/shop', shop)).status).toBe(200);
});
afterAll(async () => {
  await rig.close();
});
beforeEach(() => {
  lines = [];
  broken = false;
});

const of = (requestId: string) => lines.filter(({ fields }) => fields['requestId'] === requestId);
const web = announcement('web', ['203.0.113.10/32']);

test('a write is logged with object and revision under the id that it came with', async () => {
  const id = 'deploy-42.a_b';
  const { status, headers, body } = await rig.send('PUT', '/v1/announcements/shop/web', web, { 'x-request-id': id });
  expect(status).toBe(200);
  expect(headers.get('x-request-id')).toBe(id);
  const object = 'announcements/shop/web';
  expect(of(id)).toContainEqual({
    level: 'info',
    message: 'written',
    fields: { requestId: id, object, revision: body.metadata.revision },
  });
  await eventually(() => {
    expect(of(id).map(({ message }) => message)).toEqual(['written', 'a request was answered']);
  }, 'both lines');

  const deleted = await rig.send('DELETE', '/v1/announcements/shop/web', undefined, { 'x-request-id': 'gone' });
  expect(deleted.status).toBe(200);
  expect(of('gone')[0]).toMatchObject({ level: 'info', message: 'deleted', fields: { object } });
});

test('each object of an apply is logged under the one id', async () => {
  const resources = ['a', 'b'].map((name, index) => announcement(name, [`203.0.113.2${index}/32`]));
  await rig.send('POST', '/v1/apply', { resources }, { 'x-request-id': 'two' });
  expect(of('two').flatMap(({ fields }) => fields['object'] ?? [])).toEqual([
    'announcements/shop/a',
    'announcements/shop/b',
  ]);
});

test('a request without an id, or with one that is none, gets one', async () => {
  for (const given of [undefined, 'with space', 'x'.repeat(65), 'a"b']) {
    const { headers } = await rig.send(
      'GET',
      '/healthz',
      undefined,
      given === undefined ? {} : { 'x-request-id': given },
    );
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/);
  }
});

test('reads are logged at debug, refused writes at info with code and field', async () => {
  await rig.send('GET', '/v1/projects/shop', undefined, { 'x-request-id': 'read' });
  await rig.send('GET', '/v1/projects/none', undefined, { 'x-request-id': 'missing' });
  const wrong = { ...web, spec: { ...web.spec, prefixes: ['203.0.113.1/24'] } };
  const refused = await rig.send('PUT', '/v1/announcements/shop/web', wrong, { 'x-request-id': 'refused' });
  expect(refused.body).toMatchObject({ code: 'invalid', requestId: 'refused' });
  await eventually(() => {
    expect(of('read')).toMatchObject([
      { level: 'debug', fields: { method: 'GET', path: '/v1/projects/shop', status: 200 } },
    ]);
    expect(of('missing')).toMatchObject([{ level: 'debug', fields: { code: 'notFound', status: 404 } }]);
    expect(of('refused')).toMatchObject([
      { level: 'info', message: 'a request was refused', fields: { code: 'invalid', field: 'spec.prefixes[0]' } },
    ]);
  }, 'the lines');
});

test("what failed is logged once as a warning, and the command line tells the id that finds it in the server's log", async () => {
  broken = true;
  const transport = createHttpTransport({ url: rig.url, clock: systemClock });
  try {
    const failed = await createClient(transport)
      .call(
        endpoints.projects.create,
        { body: { kind: 'Project', metadata: { name: 'p' }, spec: { prefixes: [], nextHops: [] } } },
        never,
      )
      .catch((error: unknown) => error);
    if (!(failed instanceof CoreBgpError)) throw new Error('it did not fail');
    const id = failed.requestId ?? '';
    await eventually(() => {
      expect(of(id)).toMatchObject([
        {
          level: 'warn',
          message: 'a request failed',
          fields: { code: 'unavailable', status: 503, endpoint: 'projects.create' },
        },
      ]);
    }, 'the line');
    expect(failureText(failed, false)).toBe(
      `error: The store could not write: no space left.\n  request id: ${id} (in the server's log)\n`,
    );
    expect(JSON.parse(failureText(failed, true))).toMatchObject({ code: 'unavailable', requestId: id });
  } finally {
    transport.close();
  }
});

test.each(['/v1/watch?kinds=peers', '/v1/watch?kinds=peers&view=status', '/v1/peers'])(
  'the answer of %s has the id that the request came with, and is not to be kept',
  async (path) => {
    const controller = new AbortController();
    const accept = path === '/v1/peers' ? 'application/x-ndjson' : 'text/event-stream';
    const { headers } = await fetch(rig.url + path, {
      headers: { accept, 'x-request-id': 'stream-1' },
      signal: controller.signal,
    });
    expect(headers.get('x-request-id')).toBe('stream-1');
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
    controller.abort();
  },
);
