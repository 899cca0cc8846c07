/** Checkers: the list for people, and the record that each keeps of itself on its own lease. */
import { Checker, type endpoints } from '../contract/endpoints.ts';
import { fits } from '../contract/refusal.ts';
import { CheckerRecord } from '../model/checker.ts';
import { CoreBgpError } from '../model/errors.ts';
import { checkerKey } from '../model/health.ts';
import type { EndpointFunction } from './context.ts';
import { listFunctions } from './lists.ts';

export const checkerLists = listFunctions({
  kind: 'Checker',
  collection: 'checkers',
  output: Checker,
  remedy: 'the checker writes it anew within seconds; if it does not, it is of another version.',
  row: ({ value, modRevision: revision }) =>
    isChecker(value) ? { id: value.id, zone: value.zone, revision, status: value } : undefined,
});

/** The create-revision in the answer is the incarnation: it changes when the lease has taken the record away. */
export const putChecker: EndpointFunction<typeof endpoints.components.putChecker> = async (
  { store, cache },
  { params, body },
  signal,
) => {
  const { zone, id } = params;
  const { record, lease } = body;
  for (const [field, inPath, inBody] of [
    ['record.id', id, record.id],
    ['record.zone', zone, record.zone],
  ] as const) {
    if (inPath === inBody) continue;
    throw new CoreBgpError('invalid', `${field} is "${inBody}", but the path says "${inPath}".`, { field });
  }
  const key = checkerKey(zone, id);
  const put = { op: 'put', key, value: JSON.stringify(record), lease } as const;
  let createRevision = cache.get(key)?.createRevision ?? 0;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const result = await store.commit([{ key, createRevision }], [put], signal);
    if (result.committed) {
      await cache.reached(result.revision, signal);
      return { createRevision: createRevision === 0 ? result.revision : createRevision, revision: result.revision };
    }
    createRevision = result.current[0]?.createRevision ?? 0;
  }
  throw new CoreBgpError('conflict', `The record of checker "${id}" comes and goes; put it again.`);
};

function isChecker(value: unknown): value is CheckerRecord {
  return fits(CheckerRecord, value);
}
