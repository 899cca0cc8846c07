/** One change of a stored record in a few words. Records may be of a newer version, so nothing about them is taken for granted. */
import type { Change } from '../contract/stream.ts';
import type { Tone } from './table.ts';

export interface ChangeSummary {
  readonly verb: 'added' | 'changed' | 'deleted' | 'is';
  readonly tone: Tone;
  readonly text: string;
}

/** @param isState whether it is part of the state rather than something that just happened. */
export function changeSummary(change: Change, isState: boolean): ChangeSummary {
  if (change.op === 'delete') return { verb: 'deleted', tone: 'bad', text: '' };
  const text = summaryOf(change.key.split('/')[0] ?? '', change.value);
  if (isState) return { verb: 'is', tone: 'plain', text };
  const added = change.createRevision === change.modRevision;
  return { verb: added ? 'added' : 'changed', tone: added ? 'good' : 'warn', text };
}

function summaryOf(collection: string, value: unknown): string {
  switch (collection) {
    case 'announcements':
      return [
        words(at(value, 'spec', 'prefixes')),
        'via',
        words(list(at(value, 'spec', 'nextHops')).map((hop) => at(hop, 'address'))),
      ].join(' ');
    case 'health':
      return [at(value, 'state'), at(value, 'reason'), at(value, 'code')]
        .filter((part) => part !== undefined)
        .join(' ');
    case 'drains':
      return words([...Object.entries(object(at(value, 'spec', 'target'))).flat(), at(value, 'spec', 'why')], ' ');
    case 'peers':
      return `${text(at(value, 'spec', 'address'))} AS${text(at(value, 'spec', 'asn'))}`;
    case 'projects':
      return words(list(at(value, 'spec', 'prefixes')).map((entry) => at(entry, 'prefix')));
    case 'checkers':
      return words([at(value, 'state'), count(at(value, 'tasks'), 'tasks')], ' ');
    case 'speaker-status': {
      const peers = list(at(value, 'peers'));
      const up = peers.filter((peer) => at(peer, 'session') === 'established').length;
      return words([
        count(at(value, 'paths'), 'paths'),
        `${up}/${peers.length} peers`,
        `at ${text(at(value, 'appliedRevision'))}`,
      ]);
    }
    case 'claims':
      return text(at(value, 'holder'));
    default:
      return '';
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => Object.entries(object(inner)).find(([key]) => key === name)?.[1], value);
}

function object(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return value === undefined || typeof value === 'object' ? '?' : String(value);
}

function count(value: unknown, noun: string): string | undefined {
  return value === undefined ? undefined : `${text(value)} ${noun}`;
}

function words(values: unknown, between = ', '): string {
  return list(values)
    .filter((value) => value !== undefined)
    .map(text)
    .join(between);
}
