/** For requests that no endpoint fits: what would. */
import { nearest } from '../model/nearest.ts';
import { routeTable } from './dispatch.ts';

const rows = [...routeTable.values()].map(({ endpoint }) => ({
  path: endpoint.path,
  method: endpoint.method,
  pattern: new RegExp(`^${endpoint.path.replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** Methods of the endpoints at this path. */
export function methodsOf(path: string): readonly string[] {
  return [...new Set(rows.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
}

/** The endpoint that somebody who wrote this path probably meant. */
export function nearestPath(path: string): string | undefined {
  // A slash too many at the end is the whole difference.
  const bare = path.replace(/\/+$/, '');
  if (bare !== path && methodsOf(bare).length > 0) return bare;
  const parts = path.split('/');
  const all = [...new Set([...rows.map((row) => row.path), '/docs', '/metrics', '/openapi.json'])];
  const sameLength = all.filter((one) => one.split('/').length === parts.length);
  // Parameters are compared as if they had been given.
  const filled = new Map(
    sameLength.map((one) => [
      one
        .split('/')
        .map((part, index) => (part.startsWith('{') ? parts[index] : part))
        .join('/'),
      one,
    ]),
  );
  const found = nearest(path, [...filled.keys()]);
  return found === undefined ? undefined : filled.get(found);
}
