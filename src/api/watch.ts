/** The watch endpoint: which collections, and from where. */
import type { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { collections } from '../model/resource.ts';
import type { EndpointFunction } from './context.ts';

export const watch: EndpointFunction<typeof endpoints.watch> = ({ cache }, { query }, signal) =>
  cache.subscribe(kindsOf(query.kinds), query.since, signal);

function kindsOf(text: string): ReadonlySet<string> {
  const kinds = new Set(text.split(','));
  const known: readonly string[] = collections;
  for (const kind of kinds) {
    if (known.includes(kind)) continue;
    const meant = nearest(kind, known);
    const hint = meant === undefined ? `; there are ${known.join(', ')}` : `; did you mean "${meant}"?`;
    throw new CoreBgpError('invalid', `There is no collection "${kind}" to watch${hint}`, { field: 'kinds' });
  }
  return kinds;
}
