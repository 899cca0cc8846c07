/** The watch endpoint: records or status, which collections, and from where. */
import type { EndpointInput } from '../contract/endpoint.ts';
import type { endpoints } from '../contract/endpoints.ts';
import { statusCollections } from '../contract/stream.ts';
import { CoreBgpError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { collections, userKinds } from '../model/resource.ts';
import type { EndpointFunction } from './context.ts';
import type { StatusFilter } from './status-filter.ts';
import { isStatusCollection } from './status-objects.ts';

type Query = EndpointInput<typeof endpoints.watch>['query'];

export const watch: EndpointFunction<typeof endpoints.watch> = ({ cache, statuses }, { query }, signal) => {
  if (query.view === 'status') return statuses.watch(filterOf(query), signal);
  for (const field of ['project', 'name'] as const) {
    if (query[field] === undefined) continue;
    throw new CoreBgpError('invalid', `"${field}" goes with view=status only; records are watched by collection.`, {
      field,
    });
  }
  return cache.subscribe(new Set(kindsOf(query.kinds, collections)), query.since, signal);
};

function kindsOf(text: string, known: readonly string[]): readonly string[] {
  const kinds = [...new Set(text.split(','))];
  for (const kind of kinds) {
    if (known.includes(kind)) continue;
    const meant = nearest(kind, known);
    const hint = meant === undefined ? `; there are ${known.join(', ')}` : `; did you mean "${meant}"?`;
    throw new CoreBgpError('invalid', `There is no collection "${kind}" to watch${hint}`, { field: 'kinds' });
  }
  return kinds;
}

function filterOf({ kinds, since, project, name }: Query): StatusFilter {
  if (since !== undefined) {
    throw new CoreBgpError('invalid', 'view=status always begins with the state; leave "since" out.', {
      field: 'since',
    });
  }
  const wanted = kindsOf(kinds, statusCollections).filter(isStatusCollection);
  const filter = {
    collections: wanted,
    ...(project === undefined ? {} : { project }),
    ...(name === undefined ? {} : { name }),
  };
  if (project === undefined && name === undefined) return filter;
  const [only, ...others] = wanted;
  const field = project === undefined ? 'name' : 'project';
  if (only === undefined || others.length > 0) {
    throw new CoreBgpError('invalid', `With "${field}" there may be one kind only, as in kinds=announcements.`, {
      field,
    });
  }
  const inProject = Object.values(userKinds).some((kind) => kind.collection === only && kind.inProject);
  if (inProject && project === undefined) {
    throw new CoreBgpError('invalid', `Two projects may have ${only} of one name; say which with "project".`, {
      field: 'project',
    });
  }
  if (!inProject && project !== undefined) {
    throw new CoreBgpError('invalid', `${only} belong to no project; leave "project" out.`, { field: 'project' });
  }
  return filter;
}
