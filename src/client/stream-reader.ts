/** From the text of an event stream to its messages. */

import { createParser } from 'eventsource-parser';
import type { Change, StreamMessage, WatchedObject } from '../contract/stream.ts';
import { CoreBgpError } from '../model/errors.ts';
import { isObject } from '../model/json-object.ts';

/** Characters of one event; a revision has at most 128 records of 256 KiB. */
const mostCharacters = 64 * 1024 * 1024;

/**
 * The result takes text as it arrives and gives the messages that are complete with it.
 * Messages of a type it doesn't know (a newer server's) are left out.
 * @throws CoreBgpError `internal` on anything that is no message.
 */
export function createEventReader(origin: string): (text: string) => readonly StreamMessage[] {
  let complete: StreamMessage[] = [];
  const parser = createParser({
    maxBufferSize: mostCharacters,
    onEvent: (event) => {
      const message = decode(origin, event.data);
      if (message !== undefined) complete.push(message);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw malformed(origin, 'an event above 64 MiB', error);
    },
  });
  return (text) => {
    parser.feed(text);
    const messages = complete;
    complete = [];
    return messages;
  };
}

function decode(origin: string, data: string): StreamMessage | undefined {
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch (cause) {
    throw malformed(origin, 'an event that is not JSON', cause);
  }
  if (!isObject(message) || typeof message['type'] !== 'string') throw malformed(origin, 'an event without a type');
  if (!known.has(message['type'])) return undefined;
  if (!isStreamMessage(message)) throw malformed(origin, `a malformed "${message['type']}"`);
  return message;
}

const types = [
  'state',
  'synced',
  'changes',
  'objects',
  'updates',
  'bookmark',
  'error',
] as const satisfies StreamMessage['type'][];
const known = new Set<string>(types);

/** By hand, for it runs over every record of every mirror. */
function isStreamMessage(message: unknown): message is StreamMessage {
  if (!isObject(message)) return false;
  switch (message['type']) {
    case 'state':
      return areChanges(message['changes']);
    case 'synced':
      return isRevision(message['revision']) && typeof message['storeId'] === 'string';
    case 'changes':
      return isRevision(message['revision']) && areChanges(message['changes']);
    case 'objects':
      return areObjects(message['resources']);
    case 'updates': {
      const { deleted } = message;
      return (
        isRevision(message['revision']) && areObjects(message['put']) && Array.isArray(deleted) && deleted.every(isRef)
      );
    }
    case 'bookmark':
      return isRevision(message['revision']);
    case 'error':
      return typeof message['code'] === 'string' && typeof message['detail'] === 'string';
    default:
      return false;
  }
}

/** What names them; what else they have may be of a newer version. */
function areObjects(objects: unknown): objects is readonly WatchedObject[] {
  return (
    Array.isArray(objects) &&
    objects.every((object) => isObject(object) && isRef({ kind: object['kind'], ...Object(object['metadata']) }))
  );
}

function isRef(ref: unknown): boolean {
  return isObject(ref) && typeof ref['kind'] === 'string' && typeof ref['name'] === 'string';
}

function areChanges(changes: unknown): changes is readonly Change[] {
  return Array.isArray(changes) && changes.every(isChange);
}

function isChange(change: unknown): change is Change {
  if (!isObject(change) || typeof change['key'] !== 'string') return false;
  if (change['op'] === 'delete') return true;
  return (
    change['op'] === 'put' &&
    isRevision(change['createRevision']) &&
    isRevision(change['modRevision']) &&
    'value' in change
  );
}

function isRevision(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function malformed(origin: string, what: string, cause?: unknown): CoreBgpError {
  return new CoreBgpError('internal', `The watch stream of ${origin} has ${what}.`, { cause });
}
