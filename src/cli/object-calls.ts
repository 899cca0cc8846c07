/** Calls on one object of a kind that users write, whichever of the four it is. */
import type { Client } from '../client/client.ts';
import { endpoints } from '../contract/endpoints.ts';
import type { UserKind } from '../model/resource.ts';
import { type KindWord, kindWords } from './kind-words.ts';
import { kindFrom, plainName, projectNameFrom } from './object-name.ts';

export const writtenKinds = ['announcements', 'peers', 'projects', 'drains'] as const satisfies readonly KindWord[];
export type WrittenKind = (typeof writtenKinds)[number];

/** For help: every kind with its short words. */
export const writtenKindWords = writtenKinds.map((kind) => [kind, ...kindWords[kind]].join('|')).join(', ');

export interface ObjectName {
  readonly kind: WrittenKind;
  readonly name: string;
  /** Of announcements. */
  readonly project?: string;
}

/** @throws CoreBgpError `invalid`. */
export function objectNameFrom(kindWord: string, name: string, project: string | undefined): ObjectName {
  const word = kindFrom(kindWord, writtenKinds);
  const kind = writtenKinds.find((one) => one === word) ?? 'announcements';
  if (kind === 'announcements') return { kind, ...projectNameFrom(name, project) };
  return { kind, name: plainName(name) };
}

const nouns: Readonly<Record<WrittenKind, UserKind>> = {
  announcements: 'Announcement',
  peers: 'Peer',
  projects: 'Project',
  drains: 'Drain',
};

/** `announcement shop/web`. */
export function objectText({ kind, project, name }: ObjectName): string {
  return `${nouns[kind].toLowerCase()} ${project === undefined ? name : `${project}/${name}`}`;
}

/** What its endpoints, `endpoints[kind]`, find it by. */
export function paramsOf({ project, name }: ObjectName) {
  return project === undefined ? { name } : { project, name };
}

export async function getObject(client: Client, object: ObjectName, signal: AbortSignal) {
  return await client.call(endpoints[object.kind].get, { params: paramsOf(object) }, signal);
}
