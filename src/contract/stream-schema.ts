/** The messages of the watch stream as a schema, for the OpenAPI document; their meaning is told in stream.ts. */
import Type, { type TLiteral, type TProperties } from 'typebox';
import { Announcement } from '../model/announcement.ts';
import { Drain } from '../model/drain.ts';
import { Peer } from '../model/peer.ts';
import { Project } from '../model/project.ts';
import { Name } from '../model/resource.ts';
import { kindWord, UnreadableResource } from './resource-endpoints.ts';

const revision = Type.Integer({ description: 'Store revision that the message is of.' });
const key = Type.String({ description: 'Key of the record: announcements/shop/web.' });

const ChangeSchema = Type.Union(
  [
    Type.Object({
      op: Type.Literal('put', { description: 'The record was written.' }),
      key,
      createRevision: Type.Integer({ description: 'Store revision at which the record was created.' }),
      modRevision: Type.Integer({ description: 'Store revision of its last change.' }),
      value: Type.Unknown({ description: 'The stored record, fields of newer versions included.' }),
    }),
    Type.Object({ op: Type.Literal('delete', { description: 'The record is gone.' }), key }),
  ],
  { title: 'Change', description: 'One stored record, or the end of one.' },
);

const UnreadableObject = Type.Omit(UnreadableResource, ['stored'], {
  title: 'UnreadableObject',
  description: "An object whose stored record the server can't read.",
});

const WatchedObject = Type.Union([Announcement, Drain, Peer, Project, UnreadableObject], {
  title: 'WatchedObject',
  description: 'An object as get answers it at that moment.',
});

const message = <Word extends string, Fields extends TProperties>(type: Word, description: string, fields: Fields) =>
  Type.Object(
    { type: Type.Literal(type, { description: 'Kind of the message.' }) as TLiteral<Word>, ...fields },
    { description },
  );

export const StreamMessageSchema = Type.Union(
  [
    message('state', 'Part of the state; any number of these, then synced.', {
      changes: Type.Array(ChangeSchema, { description: 'All of them puts.' }),
    }),
    message('synced', 'The state is complete as of the revision.', {
      revision,
      storeId: Type.String({ description: 'Identity of the store.' }),
    }),
    message('changes', 'All that one store revision changed in the watched collections.', {
      revision,
      changes: Type.Array(ChangeSchema, { description: 'In the order of the commit.' }),
    }),
    message('objects', 'Status view: part of the state; any number of these, then synced.', {
      resources: Type.Array(WatchedObject, { description: 'The objects.' }),
    }),
    message(
      'updates',
      'Status view: objects that differ from what was sent of them, and names of those that are gone.',
      {
        revision,
        put: Type.Array(WatchedObject, { description: 'As they are now.' }),
        deleted: Type.Array(
          Type.Object(
            { kind: kindWord('Kind of the object.'), project: Type.Optional(Name), name: Name },
            { title: 'WatchedRef', description: 'Names an object of the status view.' },
          ),
          { description: 'Gone.' },
        ),
      },
    ),
    message('bookmark', 'The server is fresh, not merely silent; everything up to the revision has been sent.', {
      revision,
    }),
    message('error', 'The stream ends; the code says how to go on (compacted: start over without since).', {
      code: Type.String({ description: 'The error code.' }),
      detail: Type.String({ description: 'What is wrong, and what to do.' }),
    }),
  ],
  { title: 'StreamMessage', description: 'One message of the watch stream.' },
);
