/** Messages of a watch stream on their two wires: as objects for the same process, as text for server-sent events. */
import type { Change, StreamMessage } from '../contract/stream.ts';
import type { CachedChange, CachedEntry, CacheMessage } from './cached.ts';

export function streamMessage(message: CacheMessage): StreamMessage {
  switch (message.type) {
    case 'state':
      return { type: 'state', changes: message.entries.map(putOf) };
    case 'changes':
      return { type: 'changes', revision: message.revision, changes: message.changes.map(changeOf) };
    default:
      return message;
  }
}

/** Many streams get the same message: it is encoded once. */
const encoded = new WeakMap<CacheMessage, string>();

/** One event, with the revision as its id where the stream may go on after it. */
export function eventText(message: CacheMessage): string {
  const known = encoded.get(message);
  if (known !== undefined) return known;
  const id = message.type === 'state' || message.type === 'error' ? '' : `id: ${message.revision}\n`;
  const text = `${id}data: ${jsonOf(message)}\n\n`;
  if (message.type === 'changes') encoded.set(message, text);
  return text;
}

function jsonOf(message: CacheMessage): string {
  switch (message.type) {
    case 'state':
      return `{"type":"state","changes":[${message.entries.map(putText).join()}]}`;
    case 'changes':
      return `{"type":"changes","revision":${message.revision},"changes":[${message.changes.map(changeText).join()}]}`;
    default:
      return JSON.stringify(message);
  }
}

function changeText(change: CachedChange): string {
  return change.op === 'put' ? putText(change.entry) : JSON.stringify(change);
}

/** The record's own text is used as it is: encoding it again would cost most of the work. */
function putText({ key, createRevision, modRevision, text }: CachedEntry): string {
  return `{"op":"put","key":${JSON.stringify(key)},"createRevision":${createRevision},"modRevision":${modRevision},"value":${text}}`;
}

function changeOf(change: CachedChange): Change {
  return change.op === 'put' ? putOf(change.entry) : change;
}

function putOf({ key, createRevision, modRevision, value }: CachedEntry): Change {
  return { op: 'put', key, createRevision, modRevision, value };
}
