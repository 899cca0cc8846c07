/** The examples of the calls that every kind users write has, made of two objects of that kind. */
import { type Example, fromAnswer } from './example.ts';
import { isJson, type Json } from './openapi-schemas.ts';

export interface ResourceSamples {
  readonly collection: string;
  /** Stays. */
  readonly first: Json;
  /** Is replaced, patched, deleted and restored. */
  readonly second: Json;
  readonly patch: Json;
  /** Examples that must have been carried out first. */
  readonly needs?: readonly string[];
  /** Examples that show it while it is deleted. */
  readonly whileDeleted?: readonly string[];
  /** Filters of a list. */
  readonly query?: Json;
}

export function resourceExamples(of: ResourceSamples): Readonly<Record<string, readonly Example[]>> {
  const { collection, first, second, patch, needs = [], whileDeleted = [], query = {} } = of;
  const one = pathOf(first);
  const two = pathOf(second);
  const created = [`${collection}.create/${one.name}`, `${collection}.create/${two.name}`];
  const etag = (answer: string) => ({ 'if-match': fromAnswer(answer, 'metadata.revision', true) });
  const ndjson = { accept: 'application/x-ndjson' };
  const call = (verb: string, examples: readonly Example[]) => [`${collection}.${verb}`, examples] as const;
  return Object.fromEntries([
    call('create', [
      { name: one.name, summary: `Create ${one.name}.`, body: first, status: 201, after: needs },
      { name: two.name, summary: `Create ${two.name}.`, body: second, status: 201, after: needs },
      {
        name: 'again',
        summary: 'What is there is not created again.',
        body: first,
        status: 409,
        after: created,
      },
    ]),
    call('get', [
      { name: one.name, summary: `Get ${one.name}.`, params: one, status: 200, after: created },
      {
        name: 'missing',
        summary: 'There is no such object.',
        params: { ...one, name: 'nothing' },
        status: 404,
        after: created,
      },
    ]),
    call('list', [
      { name: 'all', summary: 'Everything.', status: 200, after: created },
      ...(Object.keys(query).length === 0
        ? []
        : [{ name: 'some', summary: 'Only those with these labels.', query, status: 200, after: created }]),
      { name: 'first-page', summary: 'At most one object.', query: { limit: '1' }, status: 200, after: created },
      {
        name: 'second-page',
        summary: 'The page after it, of the same revision.',
        query: { limit: '1', continue: fromAnswer(`${collection}.list/first-page`, 'continue') },
        status: 200,
      },
    ]),
    call('all', [
      { name: 'all', summary: 'Everything, one object a line.', headers: ndjson, status: 200, after: created },
    ]),
    call('replace', [
      {
        name: two.name,
        summary: 'Replace it, if nobody has changed it since it was read.',
        params: two,
        headers: etag(`${collection}.create/${two.name}`),
        body: { ...second, metadata: { ...metadataOf(second), annotations: { owner: 'noc@example.net' } } },
        status: 200,
      },
      {
        name: 'changed-meanwhile',
        summary: 'Somebody has changed it since it was read.',
        params: two,
        headers: etag(`${collection}.create/${two.name}`),
        body: second,
        status: 412,
        after: [`${collection}.replace/${two.name}`],
      },
    ]),
    call('patch', [
      {
        name: two.name,
        summary: 'Change only what is given (JSON merge patch, RFC 7396); null removes a field.',
        params: two,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: patch,
        status: 200,
        after: [`${collection}.replace/changed-meanwhile`],
      },
    ]),
    call('delete', [
      {
        name: two.name,
        summary: 'Delete it, if nobody has changed it meanwhile.',
        params: two,
        headers: etag(`${collection}.patch/${two.name}`),
        status: 200,
      },
    ]),
    call('undelete', [
      {
        name: two.name,
        summary: 'Restore it as it was.',
        params: two,
        status: 200,
        after: [`${collection}.delete/${two.name}`, ...whileDeleted],
      },
    ]),
    call('history', [
      {
        name: two.name,
        summary: 'Its last versions, and what changed with each.',
        params: two,
        status: 200,
        after: [`${collection}.undelete/${two.name}`],
      },
    ]),
  ]);
}

function metadataOf(input: Json): Json {
  const { metadata } = input;
  return isJson(metadata) ? metadata : {};
}

function pathOf(input: Json): { readonly name: string; readonly project?: string } {
  const { name, project } = metadataOf(input);
  return project === undefined ? { name: String(name) } : { project: String(project), name: String(name) };
}
