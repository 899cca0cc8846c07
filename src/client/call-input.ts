/** What a user of the client hands to a call, told apart by its names. A wrong option is refused, never left out. */
import type { Endpoint } from '../contract/endpoint.ts';
import { CoreBgpError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { CallInput } from './client.ts';

export interface Given {
  readonly input: CallInput<Endpoint>;
  readonly signal: AbortSignal;
}

/**
 * Parameters of the path and those of the query have different names. An option that is undefined counts as left out.
 * @throws CoreBgpError `invalid` with the field: a condition that were dropped would let the write through.
 */
export function callInput(endpoint: Endpoint, given: unknown): Given {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw new CoreBgpError('invalid', `${endpoint.id} takes one object, as in { name: "…" }, not ${typeof given}.`);
  }
  const entries = Object.entries(Object(given)).filter(([, value]) => value !== undefined);
  for (const [name] of entries) refuseUnknown(endpoint, name);
  const { body, ifMatch, ifAbsent, signal } = Object(Object.fromEntries(entries));
  const within = ({ properties }: Endpoint['params']) =>
    Object.fromEntries(entries.filter(([name]) => Object.hasOwn(properties, name)));
  if (ifMatch !== undefined && !isRevision(ifMatch)) {
    throw wrong(endpoint, 'ifMatch', 'a revision, as the number that metadata.revision is', ifMatch);
  }
  if (ifAbsent !== undefined && typeof ifAbsent !== 'boolean') {
    throw wrong(endpoint, 'ifAbsent', 'true or false', ifAbsent);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrong(endpoint, 'signal', 'an AbortSignal', signal);
  }
  return {
    input: {
      params: within(endpoint.params),
      query: within(endpoint.query),
      body,
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(ifAbsent === true ? { ifAbsent } : {}),
    },
    signal: signal ?? new AbortController().signal,
  };
}

function refuseUnknown(endpoint: Endpoint, field: string): void {
  const { id, params, query, body, conditional } = endpoint;
  const known = [
    ...Object.keys(params.properties),
    ...Object.keys(query.properties),
    ...(body === undefined ? [] : ['body']),
    ...(conditional ? ['ifMatch', 'ifAbsent'] : []),
    'signal',
  ];
  if (known.includes(field)) return;
  const near = nearest(field, known);
  const meant = near === undefined ? `It takes ${known.join(', ')}.` : `Did you mean ${near}?`;
  throw new CoreBgpError('invalid', `${id} takes no "${field}". ${meant}`, { field });
}

function isRevision(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function wrong({ id }: Endpoint, field: string, wanted: string, value: unknown): CoreBgpError {
  const got = typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : typeof value;
  return new CoreBgpError('invalid', `${field} of ${id} must be ${wanted}, not ${got}.`, { field });
}
