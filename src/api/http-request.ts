/** From a request as HTTP brings it to one that every transport knows. */
import type { FastifyRequest } from 'fastify';
import type { Endpoint } from '../contract/endpoint.ts';
import { CoreBgpError } from '../model/errors.ts';
import type { ApiContext } from './context.ts';
import type { ApiRequest } from './dispatch.ts';
import { nearestPath } from './paths.ts';

export function requestOf(endpoint: Endpoint, request: FastifyRequest): ApiRequest {
  const headers = Object.fromEntries(
    (['if-match', 'if-none-match', 'last-event-id'] as const).flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
  const params: Record<string, string> = {};
  if (typeof request.params === 'object' && request.params !== null) {
    for (const [name, value] of Object.entries(request.params)) {
      // `/v1/projects/` is not the project without a name.
      if (value === '') throw nothingAt(request.url);
      params[name] = String(value);
    }
  }
  const base = {
    endpoint: endpoint.id,
    requestId: request.id,
    params,
    query: queryOf(request.raw.url ?? ''),
    headers,
  };
  return request.body === undefined || request.body === null ? base : { ...base, body: request.body };
}

/** An empty filter must not match everything, and of two equal parameters none wins. */
function queryOf(url: string): Readonly<Record<string, string>> {
  const mark = url.indexOf('?');
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))) {
    if (query.has(name))
      throw new CoreBgpError('invalid', `The query has "${name}" twice; give it once.`, { field: name });
    if (value === '') {
      throw new CoreBgpError('invalid', `The query parameter "${name}" is empty; give it a value, or leave it out.`, {
        field: name,
      });
    }
    query.set(name, value);
  }
  return Object.fromEntries(query);
}

/** A browser that connects again says where it was in a header; the status view begins anew all the same. */
export function resumed(request: ApiRequest): ApiRequest {
  const last = request.headers['last-event-id'];
  if (last === undefined || request.query['since'] !== undefined || request.query['view'] === 'status') return request;
  return { ...request, query: { ...request.query, since: last } };
}

export function requestId(given: string | string[] | undefined, { newId }: ApiContext): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : newId().slice(0, 16);
}

export function nothingAt(url: string): CoreBgpError {
  const [path = ''] = url.split('?');
  const near = nearestPath(path);
  const hint = near === undefined ? 'GET /openapi.json lists all there is' : `did you mean ${near}?`;
  return new CoreBgpError('notFound', `There is nothing at ${path}; ${hint}`);
}
