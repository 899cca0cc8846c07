/** Carries the contract's examples out against a real server, each after those it needs, and provokes every kind of problem. */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultCacheLimits } from '../../src/api/cache-limits.ts';
import type { Endpoint } from '../../src/contract/endpoint.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { type Example, readPath, referencesIn, resolved } from '../../src/contract/example.ts';
import { examples } from '../../src/contract/examples.ts';
import { allEndpoints } from '../../src/contract/openapi.ts';
import { CoreBgpError } from '../../src/model/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { type ApiRig, announcement, shop, startApi } from './api.ts';

export interface CarriedOut {
  /** `announcements.create/web`. */
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly example: Example;
  readonly status: number;
  readonly contentType: string;
  readonly headers: Headers;
  /** JSON; of a stream its messages up to `synced`, of a list in lines its lines. */
  readonly body: unknown;
}

interface Planned {
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly example: Example;
  readonly needs: readonly string[];
}

/** All examples, each after those that it needs. Throws when one needs what is not there, or itself. */
export function orderOfExamples(): readonly Planned[] {
  const planned = new Map<string, Planned>();
  const rows = new Map(allEndpoints(endpoints).map((row) => [row.id, row]));
  // In the order of the examples: that of the table of endpoints may change without changing any answer.
  for (const [id, shown] of Object.entries(examples)) {
    const endpoint = rows.get(id);
    if (endpoint === undefined) continue;
    for (const example of shown) {
      const key = `${id}/${example.name}`;
      const taken = referencesIn([example.params, example.query, example.headers, example.body]);
      planned.set(key, {
        key,
        endpoint,
        example,
        needs: [...(example.after ?? []), ...taken.map(({ answer }) => answer)],
      });
    }
  }
  const ordered: Planned[] = [];
  const visit = (key: string, from: readonly string[]) => {
    const one = planned.get(key);
    if (one === undefined) throw new Error(`${from.at(-1)} needs ${key}, which is no example`);
    if (from.includes(key)) throw new Error(`${key} needs itself: ${from.join(', ')}`);
    if (ordered.includes(one)) return;
    for (const need of one.needs) visit(need, [...from, key]);
    ordered.push(one);
  };
  for (const key of planned.keys()) visit(key, []);
  return ordered;
}

/** Asks the server for every example, in that order. */
export async function carryOutExamples(url: string): Promise<readonly CarriedOut[]> {
  const answers = new Map<string, CarriedOut>();
  for (const planned of orderOfExamples()) {
    const { key, endpoint, example } = planned;
    const fill = (value: unknown) =>
      resolved(value, ({ answer, path }) => {
        const found = readPath(answers.get(answer)?.body, path);
        if (found === undefined)
          throw new Error(
            `${key} takes ${path} of ${answer}, which answered ${JSON.stringify(answers.get(answer)?.body)}`,
          );
        return found;
      });
    const question = filled(example, fill);
    let answer = await ask(url, endpoint, question);
    // Events are written a moment after what they tell of.
    for (let tries = 0; endpoint.id === 'events.list' && hasNoEvents(answer.body) && tries < 100; tries += 1) {
      await delay(50);
      answer = await ask(url, endpoint, question);
    }
    answers.set(key, { ...planned, ...answer });
  }
  return [...answers.values()];
}

function hasNoEvents(body: unknown): boolean {
  const { events } = Object(body);
  return Array.isArray(events) && events.length === 0;
}

interface Filled {
  readonly params: object;
  readonly query: object;
  readonly headers: object;
  readonly body: unknown;
}

function filled({ params, query, headers, body }: Example, fill: (value: unknown) => unknown): Filled {
  return { params: Object(fill(params)), query: Object(fill(query)), headers: Object(fill(headers)), body: fill(body) };
}

async function ask(url: string, endpoint: Endpoint, { params, query, headers, body }: Filled) {
  const values: ReadonlyMap<string, unknown> = new Map(Object.entries(params));
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  const controller = new AbortController();
  const response = await fetch(`${url}${path}${search === '' ? '' : `?${search}`}`, {
    method: endpoint.method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    },
    signal: controller.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const contentType = response.headers.get('content-type') ?? '';
  const stream = contentType.startsWith('text/event-stream');
  const text = stream ? await untilSynced(response) : await response.text();
  controller.abort();
  return { status: response.status, contentType, headers: response.headers, body: parsed(contentType, text) };
}

async function untilSynced(response: Response): Promise<string> {
  let text = '';
  if (response.body === null) return text;
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('"type":"synced"') && text.endsWith('\n\n')) break;
  }
  return text;
}

function parsed(contentType: string, text: string): unknown {
  const lines = text.split('\n').filter((line) => line !== '');
  if (contentType.startsWith('text/event-stream')) {
    return lines.filter((line) => line.startsWith('data: ')).map((line) => JSON.parse(line.slice(6)));
  }
  if (contentType.startsWith('application/x-ndjson')) return lines.map((line) => JSON.parse(line));
  return contentType.includes('json') ? JSON.parse(text) : text;
}

/** A problem of nearly every code, as a server answers it. */
export async function provokeProblems(): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  const note = ({ body }: { readonly body: unknown }) => {
    const code = readPath(body, 'code');
    if (typeof code === 'string') found.set(code, body);
  };
  const rig = await startApi();
  try {
    await rig.send('POST', '/v1/projects', shop);
    await rig.send('POST', '/v1/announcements', announcement('web', ['203.0.113.10/32']));
    note(await rig.send('POST', '/v1/announcements', announcement('bad', ['203.0.113.10/24'])));
    note(await rig.send('GET', '/v1/announcements/shop/nothing'));
    note(await rig.send('POST', '/v1/announcements/shop/web'));
    note(await rig.send('POST', '/v1/announcements', announcement('web', ['203.0.113.10/32'])));
    note(await rig.send('POST', '/v1/announcements', announcement('other', ['203.0.113.10/32'])));
    note(await rig.send('POST', '/v1/announcements', announcement('far', ['198.51.100.1/32'])));
    note(await rig.send('DELETE', '/v1/announcements/shop/web', undefined, { 'if-match': '"1"' }));
    note(await rig.send('DELETE', '/v1/projects/shop'));
    note(await rig.send('POST', '/v1/leases/00/keepalive'));
    note(await rig.send('GET', '/v1/watch?kinds=announcements&since=999999999'));
    note(await rig.send('POST', '/v1/announcements', `{"kind":"${'x'.repeat(300_000)}"}`));
    note(await rig.send('POST', '/v1/announcements', 'kind: Announcement', { 'content-type': 'application/yaml' }));
    note(await rig.send('GET', '/v1/announcements', undefined, { accept: 'text/csv' }));
    note({ body: await foreign(rig) });
    const { body } = await rig.send('POST', '/v1/leases', { ttlMs: 15_000 });
    note(
      await rig.send('POST', '/v1/claims', {
        lease: body.lease,
        checker: { zone: 'eu-1a', id: 'checker-1' },
        incarnation: 1,
        claim: [{ zone: 'eu-1a', shard: 1 }],
        release: [],
      }),
    );
  } finally {
    await rig.close();
  }
  const full = await startApi({ limits: { ...defaultCacheLimits, streams: 0 } });
  try {
    note(await full.send('GET', '/v1/watch?kinds=announcements'));
  } finally {
    await full.close();
  }
  for (const error of [
    new CoreBgpError('unavailable', 'The store cannot be reached; try again.'),
    new CoreBgpError('timeout', 'The store has not answered within 5000 ms.'),
    new TypeError('value is undefined'),
  ]) {
    const broken = await startApi({}, failing(error));
    try {
      note(await broken.send('POST', '/v1/projects', shop));
    } finally {
      await broken.close();
    }
  }
  return found;
}

/** Fails the writes of resources, not those of the server itself. */
function failing(error: Error): (store: Store) => Store {
  return (store) => ({
    ...store,
    commit: async (conditions, operations, signal) => {
      if (operations.some(({ key }) => key.includes('projects/'))) throw error;
      return await store.commit(conditions, operations, signal);
    },
  });
}

/** `fetch` would not send another Host. */
function foreign({ url }: ApiRig): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/v1/version`, { headers: { host: 'intranet.example' } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
