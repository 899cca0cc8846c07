/** Messages of a watch stream on their two wires: as objects for the same process, as text for server-sent events. */
import type { Change, StreamMessage } from '../contract/stream.ts';
import type { CachedChange, CachedEntry, CacheMessage, WatchedText } from './cached.ts';
import { keptValue } from './text-entry.ts';

export function streamMessage(message: CacheMessage): StreamMessage {
  switch (message.type) {
    case 'state':
      return { type: 'state', changes: message.entries.map(putOf) };
    case 'changes':
      return { type: 'changes', revision: message.revision, changes: message.changes.map(changeOf) };
    case 'objects':
      return { type: 'objects', resources: message.objects.map(({ resource }) => resource) };
    case 'updates':
      return { ...message, put: message.put.map(({ resource }) => resource) };
    default:
      return message;
  }
}

/** Many streams get the same message: it is encoded once, down to the bytes that all of them send. */
const encoded = new WeakMap<CacheMessage, Buffer>();

/** One event, with the revision as its id where a stream of records may go on after it. */
export function eventOf(message: CacheMessage): Buffer | string {
  const known = encoded.get(message);
  if (known !== undefined) return known;
  const id = isPosition(message) ? `id: ${message.revision}\n` : '';
  const text = `${id}data: ${jsonOf(message)}\n\n`;
  if (message.type !== 'changes' && message.type !== 'updates') return text;
  const bytes = Buffer.from(text);
  encoded.set(message, bytes);
  return bytes;
}

function isPosition(
  message: CacheMessage,
): message is Extract<CacheMessage, { type: 'synced' | 'changes' | 'bookmark' }> {
  return message.type === 'synced' || message.type === 'changes' || message.type === 'bookmark';
}

function jsonOf(message: CacheMessage): string {
  switch (message.type) {
    case 'state':
      return `{"type":"state","changes":[${message.entries.map(putText).join()}]}`;
    case 'changes':
      return `{"type":"changes","revision":${message.revision},"changes":[${message.changes.map(changeText).join()}]}`;
    case 'objects':
      return `{"type":"objects","resources":[${textsOf(message.objects)}]}`;
    case 'updates': {
      const { revision, put, deleted } = message;
      return `{"type":"updates","revision":${revision},"put":[${textsOf(put)}],"deleted":${JSON.stringify(deleted)}}`;
    }
    default:
      return JSON.stringify(message);
  }
}

function textsOf(objects: readonly WatchedText[]): string {
  return objects.map(({ text }) => text).join();
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

/** Whoever gets it is a mirror of this process, which keeps it. */
function putOf(entry: CachedEntry): Change {
  const { key, createRevision, modRevision } = entry;
  return { op: 'put', key, createRevision, modRevision, value: keptValue(entry) };
}
