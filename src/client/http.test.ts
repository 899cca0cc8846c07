import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, json, startAnswering } from '../../test/rig/answering.ts';
import { endpoints } from '../contract/endpoints.ts';
import type { StreamMessage } from '../contract/stream.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { createClient } from './client.ts';
import { createHttpTransport } from './http.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function serve(answer: Answer, host?: string): Promise<string> {
  const server = await startAnswering(answer, host);
  cleanUps.push(server.close);
  return server.url;
}

function transportTo(url: string, options: { timeoutMs?: number; silenceMs?: number } = {}) {
  const transport = createHttpTransport({ url, clock: systemClock, ...options });
  cleanUps.push(() => transport.close());
  return transport;
}

const never = new AbortController().signal;

describe.each([['127.0.0.1'], ['::1']])('the HTTP transport to %s', (host) => {
  it('sends parameters, query, conditions and body, and gives the checked answer', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response, body) => {
      seen.push([request.method, request.url, request.headers['if-match'], body]);
      json(response, 200, { createRevision: 7, revision: 9 });
    }, host);
    const client = createClient(transportTo(url));
    const body = {
      lease: '12ab',
      record: { v: 1, id: 'one-a', zone: 'eu', state: 'ready', version: '0' },
    } as const;
    const output = await client.call(
      endpoints.components.putChecker,
      { params: { zone: 'eu', id: 'one-a' }, body, ifMatch: 4 },
      never,
    );
    expect(output.createRevision).toBe(7);
    expect(seen).toEqual([['PUT', '/v1/checkers/eu/one-a', '"4"', JSON.stringify(body)]]);
  });

  it('gives the messages of a stream, split anywhere, and fails when the server ends it', async () => {
    const messages: StreamMessage[] = [
      {
        type: 'state',
        changes: [{ op: 'put', key: 'health/ä', createRevision: 1, modRevision: 2, value: { text: 'ü\n' } }],
      },
      { type: 'synced', revision: 3, storeId: 's' },
      { type: 'changes', revision: 4, changes: [{ op: 'delete', key: 'health/ä' }] },
    ];
    const url = await serve((_request, response) => {
      const bytes = Buffer.from(`: hi\n\n${messages.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('')}`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    }, host);
    const got: StreamMessage[] = [];
    const reading = (async () => {
      const request = { endpoint: 'watch', params: {}, query: { kinds: 'health' }, headers: {} };
      for await (const message of transportTo(url).stream(request, never)) got.push(message);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'unavailable' });
    expect(got).toEqual(messages);
  });
});

describe('the HTTP transport', () => {
  it("throws the server's own code, detail, field, reason and Retry-After", async () => {
    const problem = { code: 'prefixTaken', detail: 'taken by shop/web', field: 'spec.prefixes[0]', reason: 'why' };
    const url = await serve((_request, response) => json(response, 409, problem, { 'retry-after': '3' }));
    await expect(createClient(transportTo(url)).call(endpoints.version, {}, never)).rejects.toMatchObject({
      code: 'prefixTaken',
      message: 'taken by shop/web',
      field: 'spec.prefixes[0]',
      reason: 'why',
      retryAfterMs: 3_000,
    });
  });

  it.each([
    [503, 'unavailable'],
    [502, 'unavailable'],
    [404, 'notFound'],
    [409, 'internal'],
  ])('makes the best of a %i that is not from CoreBGP', async (status, code) => {
    const url = await serve((_request, response) => response.writeHead(status).end('<html>no</html>'));
    await expect(createClient(transportTo(url)).call(endpoints.version, {}, never)).rejects.toMatchObject({ code });
  });

  it('says that an answer of another program is not what CoreBGP answers', async () => {
    const url = await serve((_request, response) => json(response, 200, { hello: 'world' }));
    await expect(createClient(transportTo(url)).call(endpoints.version, {}, never)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('Check that the URL'),
    });
  });

  it('names the URL and what to do when nothing listens there', async () => {
    await expect(
      createClient(transportTo('http://127.0.0.1:1')).call(endpoints.version, {}, never),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/http:\/\/127\.0\.0\.1:1 .*ECONNREFUSED.*corebgp up/),
    });
  });

  it('gives up a call at its deadline, also in the middle of the body', async () => {
    const url = await serve((_request, response) => response.writeHead(200).write('{'));
    const client = createClient(transportTo(url, { timeoutMs: 50 }));
    await expect(client.call(endpoints.version, {}, never)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('gives up a stream that is silent', async () => {
    const url = await serve((_request, response) => response.writeHead(200).write(': here\n\n'));
    const transport = transportTo(url, { silenceMs: 50 });
    const reading = (async () => {
      const request = { endpoint: 'watch', params: {}, query: { kinds: 'health' }, headers: {} };
      for await (const _ of transport.stream(request, never));
    })();
    await expect(reading).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('silent') });
  });

  it('ends call and stream with the reason of the signal', async () => {
    const url = await serve((_request, response) => response.writeHead(200).write(': here\n\n'));
    const transport = transportTo(url);
    const controller = new AbortController();
    const reason = new Error('enough');
    const request = { endpoint: 'watch', params: {}, query: { kinds: 'health' }, headers: {} };
    const reading = (async () => {
      for await (const _ of transport.stream(request, controller.signal));
    })();
    const calling = createClient(transport).call(endpoints.version, {}, controller.signal);
    setTimeout(() => controller.abort(reason), 30);
    const ends = await Promise.allSettled([reading, calling]);
    expect(ends).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
  });

  it('waits for each call as long as its endpoint may take, and a second', async () => {
    const waits: number[] = [];
    const clock: Clock = {
      ...systemClock,
      after: (ms, call) => {
        waits.push(ms);
        return systemClock.after(ms, call);
      },
    };
    const url = await serve((request, response) =>
      json(response, 200, request.method === 'GET' ? { version: '1' } : { dryRun: true, results: [], paths: [] }),
    );
    const transport = createHttpTransport({ url, clock });
    cleanUps.push(() => transport.close());
    const client = createClient(transport);
    await client.call(endpoints.version, {}, never);
    await client.call(endpoints.apply, { body: { resources: [{}] } }, never);
    expect(waits).toEqual([endpoints.version.answerWithinMs + 1_000, endpoints.apply.answerWithinMs + 1_000]);
    expect(waits[1]).toBeGreaterThan(55_000);
  });

  it('refuses a URL that is none', () => {
    expect(() => transportTo('localhost:8080')).toThrow(/no URL/);
  });
});

describe('an answer in lines', () => {
  const row = (name: string) => ({ kind: 'Drain', name, revision: 1, message: 'é', unreadable: true });
  const headers = { 'content-type': 'application/x-ndjson', 'corebgp-revision': '7', 'corebgp-total': '3' };
  const text = ['a', 'b', 'c'].map((name) => `${JSON.stringify(row(name))}\n`).join('');
  const read = async (url: string, options = {}) => {
    const rows: unknown[] = [];
    for await (const one of createClient(transportTo(url, options)).lines(endpoints.drains.all, {}, never))
      rows.push(one);
    return rows;
  };

  it('is read whole however it is split, asked for by its type', async () => {
    const accepted: unknown[] = [];
    const url = await serve((request, response) => {
      accepted.push(request.headers.accept);
      response.writeHead(200, headers);
      for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
      response.end();
    });
    expect(await read(url)).toEqual([row('a'), row('b'), row('c')]);
    expect(accepted).toEqual(['application/x-ndjson']);
  });

  it.each([
    ['is destroyed', text.slice(0, 100), true],
    ['ends properly with lines missing, as behind a proxy that hides the cut', text.slice(0, text.length / 3), false],
    ['ends properly within a line', text.slice(0, -1), false],
    ['ends properly without any line', '', false],
  ])('that %s is an error', async (_how, part, destroyed) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, headers);
      response.write(part, () => (destroyed ? response.destroy() : response.end()));
      if (part === '') response.end();
    });
    await expect(read(url)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('may take longer than a call, but not be silent', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, headers);
      const parts = text.split(/(?<=\n)/);
      const next = () => {
        const part = parts.shift();
        if (part === undefined) response.end();
        else response.write(part, () => setTimeout(next, 60));
      };
      next();
    });
    expect(await read(url, { timeoutMs: 100, silenceMs: 5_000 })).toHaveLength(3);
    await expect(read(url, { silenceMs: 20 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('silent'),
    });
  });

  it.each([
    ['JSON instead', { 'content-type': 'application/json' }, '{}'],
    ['lines without their revision', { 'content-type': 'application/x-ndjson', 'corebgp-total': '0' }, ''],
    ['a line that is no JSON', headers, 'x\n'],
    ['a row of another shape', headers, '{"kind":"Drain"}\n'],
  ])('with %s is not what CoreBGP answers', async (_what, head, body) => {
    const url = await serve((_request, response) => response.writeHead(200, head).end(body));
    await expect(read(url)).rejects.toMatchObject({ code: 'internal' });
  });

  it("throws the server's refusal", async () => {
    const url = await serve((_request, response) => json(response, 429, { code: 'limited', detail: 'later' }));
    await expect(read(url)).rejects.toMatchObject({ code: 'limited', message: 'later' });
  });
});
