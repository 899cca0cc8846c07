import { expect, test } from 'vitest';
import { parseListen, refuseForeign } from './loopback.ts';

test.each([
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['127.9.0.1:0', { host: '127.9.0.1', port: 0 }],
  ['localhost:80', { host: '127.0.0.1', port: 80 }],
  ['[::1]:8080', { host: '::1', port: 8080 }],
])('%s may be listened on', (listen, address) => {
  expect(parseListen(listen)).toEqual(address);
});

test.each([
  ['0.0.0.0:8080', /access control/],
  ['[::]:8080', /access control/],
  ['192.0.2.1:8080', /access control/],
  ['[2001:db8::1]:8080', /access control/],
  ['example.net:8080', /access control/],
  ['127.0.0.1', /host:port/],
  ['::1:8080', /host:port/],
  ['127.0.0.1:99999', /host:port/],
])('%s may not be listened on', (listen, why) => {
  expect(() => parseListen(listen)).toThrow(why);
});

test.each([
  ['GET', 'localhost:8080', undefined],
  ['POST', '127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['POST', '[::1]:8080', 'http://[::1]:8080'],
  ['GET', '127.0.0.1', 'https://evil.example'],
])('%s to %s from %s is answered', (method, host, origin) => {
  expect(() => refuseForeign(method, host, origin)).not.toThrow();
});

test.each([
  ['GET', 'evil.example', undefined],
  ['GET', undefined, undefined],
  ['GET', '127.0.0.1.evil.example', undefined],
  ['POST', '127.0.0.1:8080', 'https://evil.example'],
  ['POST', '127.0.0.1:8080', 'http://127.0.0.1:9090'],
  ['DELETE', '127.0.0.1:8080', 'null'],
])('%s to %s from %s is refused', (method, host, origin) => {
  expect(() => refuseForeign(method, host, origin)).toThrow(expect.objectContaining({ code: 'forbidden' }));
});
