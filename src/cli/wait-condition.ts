/** What `corebgp wait` waits for: the words of a condition, and whether an object meets it. Pure. */
import type { WatchedObject } from '../contract/stream.ts';
import { type AnnouncementState, announcementStates } from '../model/announcement.ts';
import { CoreBgpError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { WrittenKind } from './object-calls.ts';

export type Condition =
  | { readonly want: 'exists' }
  | { readonly want: 'deleted' }
  | { readonly want: 'state'; readonly states: readonly AnnouncementState[] }
  | { readonly want: 'healthy'; readonly least: number }
  | { readonly want: 'established' };

/** By kind, each as it is written. */
const forms: Readonly<Record<WrittenKind, readonly string[]>> = {
  announcements: [...announcementStates.map((state) => `state=${state}`), 'healthy=1', 'exists', 'deleted'],
  peers: ['established', 'exists', 'deleted'],
  projects: ['exists', 'deleted'],
  drains: ['exists', 'deleted'],
};

/** Several states may be given: `state=announced,degraded`. @throws CoreBgpError `invalid` that lists what there is. */
export function conditionFrom(text: string, kind: WrittenKind): Condition {
  if (text === 'exists' || text === 'deleted') return { want: text };
  if (text === 'established' && kind === 'peers') return { want: text };
  const [name, value = ''] = text.split('=', 2);
  if (kind === 'announcements' && name === 'healthy' && /^[1-9]\d?$/.test(value)) {
    return { want: 'healthy', least: Number(value) };
  }
  if (kind === 'announcements' && name === 'state') {
    const states = value.split(',').map((word) => announcementStates.find((state) => state === word));
    const known = states.filter((state) => state !== undefined);
    if (known.length === states.length) return { want: 'state', states: known };
  }
  const meant = nearest(text, forms[kind]);
  const hint = meant === undefined ? `There are: ${forms[kind].join(', ')}.` : `Did you mean "${meant}"?`;
  throw new CoreBgpError('invalid', `--for is "${text}", which ${kind} can't be waited for with. ${hint}`);
}

export interface Look {
  readonly met: boolean;
  /** What there is, in a few words: `pending (noSpeaker), 0 of 2 next hops healthy`. */
  readonly seen: string;
  /** The reason word, where there is one. */
  readonly reason?: string;
}

/** @param object undefined when there is none. */
export function look(condition: Condition, object: WatchedObject | undefined): Look {
  if (object === undefined) return { met: condition.want === 'deleted', seen: 'it does not exist' };
  if ('unreadable' in object) return { met: condition.want === 'exists', seen: object.message, reason: 'unreadable' };
  if (object.kind === 'Announcement' && object.status !== undefined) {
    const { state, reason, nextHops } = object.status;
    const healthy = nextHops.filter(({ health }) => health === 'up' || health === 'unchecked').length;
    const why = reason === undefined ? '' : ` (${reason})`;
    return {
      met:
        condition.want === 'exists' ||
        (condition.want === 'state' && condition.states.includes(state)) ||
        (condition.want === 'healthy' && healthy >= condition.least),
      seen: `${state}${why}, ${healthy} of ${nextHops.length} next hops healthy`,
      ...(reason === undefined ? {} : { reason }),
    };
  }
  if (object.kind === 'Peer' && object.status !== undefined) {
    const { speakers } = object.status;
    const sessions = speakers.map(({ name, session }) => `${name} ${session}`);
    const up = speakers.length > 0 && speakers.every(({ session }) => session === 'established');
    return {
      met: condition.want === 'exists' || (condition.want === 'established' && up),
      seen: sessions.length === 0 ? 'no speaker reports a session with it' : sessions.join(', '),
    };
  }
  return { met: condition.want === 'exists', seen: 'it exists' };
}
