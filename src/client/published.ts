/** What `import … from 'corebgp/client'` gives: docs/client.md. */
import type { Static } from 'typebox';
import type { Event as EventSchema } from '../contract/event-endpoints.ts';
import type {
  AnnouncementInput as AnnouncementInputSchema,
  Announcement as AnnouncementSchema,
} from '../model/announcement.ts';
import type { DrainInput as DrainInputSchema, Drain as DrainSchema } from '../model/drain.ts';
import type { PeerInput as PeerInputSchema, Peer as PeerSchema } from '../model/peer.ts';
import type { ProjectInput as ProjectInputSchema, Project as ProjectSchema } from '../model/project.ts';

export type { Change, StreamMessage, WatchedObject } from '../contract/stream.ts';
export { CoreBgpError, type ErrorCode, isErrorCode } from '../model/errors.ts';
export type { Collection } from '../model/resource.ts';
export type { Log } from '../runtime/log.ts';
export { type Conditions, type ConnectOptions, type CoreBgp, connect, type MirrorChoice } from './connect.ts';
export type { Mirror, MirrorEntry, MirrorHistory, Snapshot } from './mirror.ts';

export type Announcement = Static<typeof AnnouncementSchema>;
export type AnnouncementInput = Static<typeof AnnouncementInputSchema>;
export type Drain = Static<typeof DrainSchema>;
export type DrainInput = Static<typeof DrainInputSchema>;
export type Peer = Static<typeof PeerSchema>;
export type PeerInput = Static<typeof PeerInputSchema>;
export type Project = Static<typeof ProjectSchema>;
export type ProjectInput = Static<typeof ProjectInputSchema>;
export type Event = Static<typeof EventSchema>;
