import { expect, test } from 'vitest';
import { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { callInput } from './call-input.ts';

const { get, list, replace: put } = endpoints.announcements;
const named = { project: 'shop', name: 'web' };

test('parameters of the path and of the query are told apart, and what is undefined is left out', () => {
  const { signal } = new AbortController();
  expect(callInput(list, { project: 'shop', limit: 2, labels: undefined, signal })).toEqual({
    input: { params: {}, query: { project: 'shop', limit: 2 }, body: undefined },
    signal,
  });
  const body = { kind: 'Announcement' };
  expect(callInput(put, { ...named, body, ifMatch: 7, ifAbsent: false }).input).toEqual({
    params: named,
    query: {},
    body,
    ifMatch: 7,
  });
  expect(callInput(put, { ...named, body, ifAbsent: true }).input).toMatchObject({ ifAbsent: true });
});

test.each([
  [put, { ifMatch: '999' }, 'ifMatch', /must be a revision, .*not "999"/],
  [put, { ifMatch: '"999"' }, 'ifMatch', /must be a revision/],
  [put, { ifMatch: 1.5 }, 'ifMatch', /not 1\.5/],
  [put, { ifMatch: null }, 'ifMatch', /must be a revision/],
  [put, { ifAbsent: 'true' }, 'ifAbsent', /true or false, not "true"/],
  [put, { ifAbsent: 1 }, 'ifAbsent', /true or false/],
  [put, { signal: { aborted: true } }, 'signal', /must be an AbortSignal, not object/],
  [put, { ifmatch: 7 }, 'ifmatch', /Did you mean ifMatch\?/],
  [get, { ifMatch: 7 }, 'ifMatch', /takes no "ifMatch"/],
  [get, { body: {} }, 'body', /It takes project, name, signal/],
  [get, { toString: 1 }, 'toString', /takes no "toString"/],
])('what a call does not take is refused by its name: %#', (endpoint, wrong, field, message) => {
  const calling = () => callInput(endpoint, { ...named, ...wrong });
  expect(calling).toThrow(CoreBgpError);
  expect(calling).toThrow(expect.objectContaining({ code: 'invalid', field, message: expect.stringMatching(message) }));
});
