/** What `import … from 'corebgp/client'` gives: docs/client.md. */
export { CoreBgpError, type ErrorCode, isErrorCode } from '../model/errors.ts';
export type { Collection } from '../model/resource.ts';
export type { Log } from '../runtime/log.ts';
export type { CallOptions, Conditions } from './call-options.ts';
export type * from './calls.ts';
export { type ConnectOptions, type CoreBgpClient, connect, type MirrorChoice } from './connect.ts';
export type { Mirror, MirrorEntry, MirrorHistory, Snapshot } from './mirror.ts';
