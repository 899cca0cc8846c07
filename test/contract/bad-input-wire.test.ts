/** Bad input below the API: bytes that are no request, bodies that lie about themselves, paths that climb. The server lives on. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mostBodyBytes } from '../../src/contract/endpoint.ts';
import { type ApiRig, announcement, shop, startApi } from '../rig/api.ts';
import { expectNothingWritten, kept, raw, rawRequest } from '../rig/bad-input.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
  await rig.send('POST', '/v1/projects', shop);
});
afterAll(() => rig.close());

const json = { 'content-type': 'application/json' };
const body = JSON.stringify(announcement('x', ['203.0.113.2/32']));
const post = (headers: Record<string, string>, text: string) =>
  rawRequest('POST /v1/announcements HTTP/1.1', { ...json, ...headers }, text);
const chunked = (text: string, size: number) => {
  let all = '';
  for (let at = 0; at < text.length; at += size) {
    const part = text.slice(at, at + size);
    all += `${part.length.toString(16)}\r\n${part}\r\n`;
  }
  return `${all}0\r\n\r\n`;
};
const large = JSON.stringify({ ...announcement('x', ['203.0.113.2/32']), status: 'x'.repeat(mostBodyBytes) });
const exactly = (bytes: number) => body.padEnd(bytes, ' ');
const tlsHello = Buffer.from(`160301020001000200fcfc0303${'00'.repeat(64)}`, 'hex');
const invalidUtf8 = Buffer.concat([
  Buffer.from(post({ 'content-length': '10' }, '{"a":"')),
  Buffer.from([0xc3, 0x28, 0x22, 0x7d]),
]);

/** What · the bytes · the status (several: the parser's choice; 0: closed) · words of the answer. */
const rows: readonly (readonly [string, string | Buffer, readonly number[], RegExp])[] = [
  [
    'a body of 256 KiB and one byte',
    post({ 'content-length': String(mostBodyBytes + 1) }, exactly(mostBodyBytes + 1)),
    [413],
    /larger than 256 KiB/,
  ],
  ['a Content-Length of 1 TB', post({ 'content-length': '1000000000000' }, body), [413], /larger than 256 KiB/],
  ['a negative Content-Length', post({ 'content-length': '-1' }, body), [400, 413], /./],
  ['two Content-Lengths', post({ 'content-length': '5\r\ncontent-length: 6' }, body), [400], /./],
  [
    'Content-Length with chunks',
    post({ 'content-length': '5', 'transfer-encoding': 'chunked' }, chunked(body, 100)),
    [400],
    /./,
  ],
  [
    'a body shorter than its Content-Length',
    post({ 'content-length': String(body.length + 9) }, body),
    [0, 400],
    /(?:)/,
  ],
  ['large chunks', post({ 'transfer-encoding': 'chunked' }, chunked(large, 65_536)), [413], /larger than 256 KiB/],
  ['a chunk that is no chunk', post({ 'transfer-encoding': 'chunked' }, 'zz\r\n{}\r\n'), [400], /./],
  ['bytes that are no UTF-8', invalidUtf8, [400], /not UTF-8: byte 6 \(0xc3\)/],
  [
    'a body that is packed',
    Buffer.concat([
      Buffer.from(post({ 'content-encoding': 'gzip', 'content-length': String(gzipSync(body).length) }, '')),
      gzipSync(body),
    ]),
    [400, 415],
    /./,
  ],
  ['text', post({ 'content-type': 'text/plain', 'content-length': '3' }, 'a=b'), [415], /application\/json/],
  ['an unknown method', rawRequest('BREW /v1/announcements HTTP/1.1'), [400, 405, 501], /./],
  ['a header above 16 KiB', rawRequest('GET /healthz HTTP/1.1', { 'x-large': 'x'.repeat(20_000) }), [431], /./],
  ['a path of 20 KiB', rawRequest(`GET /${'a/'.repeat(10_000)} HTTP/1.1`), [404, 414, 431], /./],
  ['a path of 8 KiB', rawRequest(`GET /${'a/'.repeat(4_000)} HTTP/1.1`), [404, 414], /./],
  [
    'a host of another site',
    rawRequest('GET /v1/announcements HTTP/1.1', { host: 'evil.example' }),
    [403],
    /only localhost/,
  ],
  ['no host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n', [400], /./],
  ['no request at all', '\0\u0001\u0002garbage\r\n\r\n', [0, 400], /(?:)/],
  ['a TLS hello', tlsHello, [0, 400], /(?:)/],
  ['a path with ".."', rawRequest('GET /v1/announcements/shop/.. HTTP/1.1'), [400, 404, 405], /./],
  [
    'a path with %2e%2e',
    rawRequest('GET /v1/announcements/shop/%2e%2e HTTP/1.1'),
    [400],
    /name .*\.\..* is not valid: lower-case letters/,
  ],
  [
    'a path with %2F',
    rawRequest('GET /v1/announcements/shop/a%2Fb HTTP/1.1'),
    [400],
    /name .* is not valid: lower-case letters/,
  ],
  ['a path with %00', rawRequest('GET /v1/announcements/shop/a%00b HTTP/1.1'), [400], /U\+0000 stands in it/],
  ['a path with %zz', rawRequest('GET /v1/announcements/shop/%zz HTTP/1.1'), [400], /not a valid URL path/],
  ['a path with half a character', rawRequest('GET /v1/announcements/shop/%c3 HTTP/1.1'), [400], /./],
  [
    'a name of 64 characters',
    rawRequest(`GET /v1/announcements/shop/${'a'.repeat(64)} HTTP/1.1`),
    [400],
    /at most 63 characters/,
  ],
  ['an upper-case name', rawRequest('DELETE /v1/announcements/shop/Web HTTP/1.1'), [400], /write \\"web\\"/],
  ['a look-alike name', rawRequest('DELETE /v1/announcements/shop/w%D0%B5b HTTP/1.1'), [400], /is U\+0435 in it/],
  [
    'a proxy request',
    rawRequest('GET http://evil.example/v1/announcements HTTP/1.1', { host: 'localhost' }),
    [200, 400, 403, 404],
    /./,
  ],
  ['CONNECT', rawRequest('CONNECT localhost:22 HTTP/1.1'), [0, 400, 404, 405], /(?:)/],
];

describe('the server refuses, writes nothing, and lives on', () => {
  test.each(rows)('%s', async (_what, bytes, statuses, says) => {
    const before = await kept(rig.store);
    const { status, body: answer } = await raw(rig, bytes);
    expect(statuses, answer).toContain(status);
    expect(answer).toMatch(says);
    await expectNothingWritten(rig.store, before);
    expect((await rig.send('GET', '/healthz')).status).toBe(200);
  });

  test('a body of exactly 256 KiB is taken', async () => {
    const { status } = await rig.send('POST', '/v1/announcements', exactly(mostBodyBytes));
    expect(status).toBe(201);
    expect((await rig.send('DELETE', '/v1/announcements/shop/x')).status).toBe(200);
  });

  test('HTTP/1.0 is answered, and garbage behind a request harms nobody else', async () => {
    expect((await raw(rig, 'GET /healthz HTTP/1.0\r\nhost: localhost\r\n\r\n')).status).toBe(200);
    const both = await raw(
      rig,
      `${rawRequest('GET /healthz HTTP/1.1', { connection: 'keep-alive' })}\u0001\u0002\r\n\r\n`,
    );
    // The refusal of the second may overtake the answer to the first.
    expect([0, 200, 400, 405]).toContain(both.status);
    expect((await rig.send('GET', '/healthz')).status).toBe(200);
  });
});
