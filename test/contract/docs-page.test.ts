/** The documentation page, and how the server answers what is no request of the API: always in a way that says what to do. */
import { connect } from 'node:net';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDocsPage } from '../../src/api/docs-page.ts';
import { type ApiRig, startApi } from '../rig/api.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
});
afterAll(() => rig.close());

describe('GET /docs', () => {
  test('is a page with nothing of other sites, and no script within it', async () => {
    const { status, headers, body } = await rig.send('GET', '/docs');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
    expect(body).not.toMatch(/<script(?![^>]* src=)|\son\w+=|https?:|src="\/\/|<style/);
  });

  test('has all that it refers to, with the right types', async () => {
    const { body } = await rig.send('GET', '/docs');
    const places = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, place]) => new URL(place, `${rig.url}/docs`));
    expect(places.map(({ pathname }) => pathname).sort()).toEqual([
      '/docs/favicon-32x32.png',
      '/docs/start.js',
      '/docs/swagger-ui-bundle.js',
      '/docs/swagger-ui.css',
      '/openapi.json',
    ]);
    for (const { origin, pathname } of places) {
      expect(origin).toBe(rig.url);
      const { status, headers } = await rig.send('GET', pathname);
      expect([pathname, status]).toEqual([pathname, 200]);
      const type = { css: 'text/css', js: 'text/javascript', png: 'image/png', json: 'application/json' };
      expect(headers.get('content-type')).toMatch(
        `^${Object.entries(type).find(([end]) => pathname.endsWith(end))?.[1]}`.slice(1),
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect((await rig.send('GET', '/docs/start.js')).body).not.toMatch(/https?:/);
  });

  test('leads from a slash too many to the page', async () => {
    const response = await fetch(`${rig.url}/docs/`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([308, '../docs']);
  });

  test('serves nothing else of that folder', async () => {
    for (const path of ['/docs/index.html', '/docs/package.json', '/docs/..%2fpackage.json', '/docs/swagger-ui.js']) {
      expect([path, (await rig.send('GET', path)).status]).toEqual([path, 404]);
    }
  });

  test('without its files says how to get them', async () => {
    const server = fastify();
    addDocsPage(server, ['/nonexistent']);
    for (const url of ['/docs', '/docs/swagger-ui.css']) {
      const { statusCode, headers, body } = await server.inject({ method: 'GET', url });
      expect([statusCode, headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8']);
      expect(body).toContain('npm run build');
    }
    await server.close();
  });
});

/** What the server answers to these bytes, as status, headers and problem. */
function raw(bytes: string): Promise<{ readonly head: string; readonly problem: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(rig.url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('end', () => {
      socket.destroy();
      const [head = '', body = ''] = text.split('\r\n\r\n');
      resolve({ head, problem: JSON.parse(body) });
    });
  });
}

describe('what is no request', () => {
  test.each([
    ['an unknown method', 'FROB /v1/version HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n', 405, 'methodNotAllowed', 'FROB'],
    [
      'headers that are too long',
      `GET /v1/version HTTP/1.1\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'tooLarge',
      '16 KiB',
    ],
    ['a header that is none', 'GET /v1/version HTTP/1.1\r\nno colon\r\n\r\n', 400, 'invalid', 'HTTP/1.1'],
    ['another protocol', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 400, 'invalid', 'http://'],
  ])('%s is answered with a problem', async (_what, bytes, status, code, word) => {
    const { head, problem } = await raw(bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json');
    expect(head).toMatch(/x-request-id: [0-9a-f]{16}/);
    expect(problem).toMatchObject({ status, code });
    expect(problem['detail']).toContain(word);
    expect(head.includes('allow: GET')).toBe(status === 405);
  });

  test.each(['PROPFIND', 'LOCK', 'TRACE', 'OPTIONS', 'SEARCH', 'M-SEARCH'])(
    '%s is answered with a problem',
    async (method) => {
      const { head, problem } = await raw(
        `${method} /v1/version HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`,
      );
      expect([problem['status'], problem['code']]).toEqual([405, 'methodNotAllowed']);
      expect(head.toLowerCase()).toContain('allow: get');
    },
  );

  test.each([
    ['GET', '/v1/announcements/', '/v1/announcements'],
    ['POST', '/v1/apply/', '/v1/apply'],
    ['GET', '/v1/announcements/shop/web/', '/v1/announcements/shop/web'],
    ['GET', '/v1/projects/', '/v1/projects'],
    ['GET', '/Docs', '/docs'],
  ])('%s %s names the path that was meant', async (method, path, meant) => {
    const { status, body } = await rig.send(method, path);
    expect([status, body.code]).toEqual([404, 'notFound']);
    expect(body.detail).toContain(`did you mean ${meant}?`);
  });
});
