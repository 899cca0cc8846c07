import { expect, test } from 'vitest';
import { endpoints } from '../contract/endpoints.ts';
import { allEndpoints } from '../contract/openapi.ts';
import { CoreBgpError } from '../model/errors.ts';
import { connect } from './connect.ts';

test('no parameter of the contract has the name of an option, or one name in path and query', () => {
  for (const { id, params, query } of allEndpoints(endpoints)) {
    const names = [...Object.keys(params.properties), ...Object.keys(query.properties)];
    expect(new Set(names).size, id).toBe(names.length);
    expect(
      names.filter((name) => ['body', 'ifMatch', 'ifAbsent', 'signal'].includes(name)),
      id,
    ).toEqual([]);
  }
});

test('there is a function for each endpoint, at its place in the table', () => {
  const corebgp = connect({ url: 'http://127.0.0.1:1' });
  const count = (table: object): number =>
    Object.values(table).reduce((sum: number, part) => sum + (typeof part === 'function' ? 1 : count(part)), 0);
  // And mirror, close.
  expect(count(corebgp)).toBe(allEndpoints(endpoints).length + 2);
  corebgp.close();
});

test('what is no object of parameters, and a URL that is none, are refused with what to write', async () => {
  expect(() => connect({ url: 'localhost' })).toThrow('write it as in');
  const corebgp = connect({ url: 'http://127.0.0.1:1' });
  const wrong: unknown = 'web';
  expect(() => Reflect.apply(corebgp.peers.get, undefined, [wrong])).toThrow('takes one object');
  await expect(corebgp.version()).rejects.toBeInstanceOf(CoreBgpError);
  corebgp.close();
});

test('a call is given up when its signal is aborted', async () => {
  const corebgp = connect({ url: 'http://127.0.0.1:1' });
  const reason = new CoreBgpError('unavailable', 'not wanted any more');
  await expect(corebgp.version({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  corebgp.close();
});
