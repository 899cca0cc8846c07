/** Lists: a page at a time, or all of them as one line each. The same for every collection. */
import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import { endpoint } from './endpoint.ts';

/** Objects of one page, at most and by default. */
export const mostOfPage = 500;

/** Media type of a list with one object a line. */
export const linesType = 'application/x-ndjson';

/** Part of an answer in lines, with what is true of the whole. */
export interface LineSlice<Row = unknown> {
  /** Store revision of metadata and spec of all lines. */
  readonly revision: number;
  /** The store could not be reached: answered from the cache. */
  readonly stale: boolean;
  /** Lines of the whole answer: who got fewer got a part of it. */
  readonly total: number;
  readonly rows: readonly Row[];
}

/** Said of an object whose stored record this version can't read: it hides no other. */
export const UnreadableEntry = Type.Object(
  {
    kind: Type.String({ description: 'Kind of the object.' }),
    name: Type.String({ description: 'project/name, or name.' }),
    revision: Type.Integer({ description: 'Store revision of its last change.' }),
    message: Type.String({ description: 'What could not be read, and what to do.' }),
  },
  { title: 'UnreadableEntry', description: "An object whose stored record this version can't read." },
);
export type UnreadableEntry = Static<typeof UnreadableEntry>;

/** The same as a line of its own. */
export const UnreadableLine = Type.Object(
  { unreadable: Type.Literal(true, { description: 'Tells it from an object.' }), ...UnreadableEntry.properties },
  { title: 'UnreadableLine', description: "Stands in a list of lines for an object that this version can't read." },
);
export type UnreadableLine = Static<typeof UnreadableLine>;

export function isUnreadable<Row extends object>(row: Row | UnreadableLine): row is UnreadableLine {
  return 'unreadable' in row;
}

const paging = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: mostOfPage,
      description: `Objects of a page, 1 to ${mostOfPage}; default ${mostOfPage}. A page of large objects ends earlier.`,
    }),
  ),
  continue: Type.Optional(
    Type.String({
      maxLength: 128,
      description: 'From the page before, with the same filters: the next page of the same revision.',
    }),
  ),
};

export interface ListOf<Filters extends TProperties, Row extends TSchema> {
  /** `announcements`: what the ids begin with. */
  readonly collection: string;
  readonly path: string;
  /** For the summaries. */
  readonly plural: string;
  readonly filters: TObject<Filters>;
  readonly row: Row;
}

/** Two rows of the table at one path: `list` answers a page, `all` (by its Accept) everything. */
export function listEndpoints<Filters extends TProperties, Row extends TSchema>(of: ListOf<Filters, Row>) {
  const { collection, path, plural, filters, row } = of;
  const query = Type.Object({ ...filters.properties, ...paging }, { additionalProperties: false });
  const page = Type.Object(
    {
      revision: Type.Integer({ description: 'Store revision of metadata and spec, the same for all pages of a list.' }),
      stale: Type.Optional(
        Type.Boolean({ description: 'True while the store cannot be reached: answered from the cache.' }),
      ),
      resources: Type.Array(row, { description: 'In the order of their keys; each status as it is now.' }),
      unreadable: Type.Optional(
        Type.Array(UnreadableEntry, { description: 'Objects of this page whose stored record cannot be read.' }),
      ),
      continue: Type.Optional(
        Type.String({ description: 'For the next page, within 60 s; absent from the last page.' }),
      ),
      remaining: Type.Optional(Type.Integer({ description: 'Objects after this page; absent from the last page.' })),
    },
    { title: `${collection.charAt(0).toUpperCase()}${collection.slice(1)}Page`, description: `A page of ${plural}.` },
  );
  return {
    list: endpoint({
      id: `${collection}.list`,
      method: 'GET',
      path,
      summary: `List the ${plural}, a page at a time: all pages show the same revision. With Accept: ${linesType}, and without limit and continue, all of them at once, one a line.`,
      permission: 'read',
      query,
      output: page,
      errors: ['compacted', 'limited'],
    }),
    all: endpoint({
      id: `${collection}.all`,
      method: 'GET',
      path,
      summary: `List all ${plural}, one JSON object a line; the header corebgp-revision has their revision, corebgp-total their number.`,
      permission: 'read',
      query: filters,
      lines: Type.Union([row, UnreadableLine]),
      errors: ['limited'],
    }),
  };
}
