/** While a project is being deleted its record says so, and nothing is created in it. */
import type { Clock } from '../runtime/clock.ts';

export interface DeletionMark {
  /** RFC 3339. */
  readonly at: string;
  /** That its users last gave it. */
  readonly revision: number;
}

/** A deletion that was not finished by then is given up: the next create takes the mark away, milliseconds. */
const markCountsMs = 30_000;

/** What deletions write into the record of a project, and nobody else. */
const ownFields: ReadonlySet<string> = new Set(['deleting', 'unchangedSince']);

export function markOf(project: unknown): DeletionMark | undefined {
  if (typeof project !== 'object' || project === null || !('deleting' in project)) return undefined;
  const mark = project.deleting;
  if (typeof mark !== 'object' || mark === null || !('at' in mark && 'revision' in mark)) return undefined;
  const { at, revision } = mark;
  return typeof at === 'string' && typeof revision === 'number' ? { at, revision } : undefined;
}

export function isInForce({ at }: DeletionMark, clock: Clock): boolean {
  return Math.abs(clock.wall() - Date.parse(at)) < markCountsMs;
}

/** @param project its stored value. */
export function withMark(project: object, mark: DeletionMark): object {
  return { ...withoutMark(project), deleting: mark };
}

/** As its users wrote it. */
export function withoutMark(project: object): object {
  return Object.fromEntries(Object.entries(project).filter(([field]) => !ownFields.has(field)));
}

/** The same project, in use: it remembers since when it is as it is, so that a write that names a revision from then on goes through. */
export function unmarked(project: unknown): unknown {
  const revision = unchangedSince(project);
  if (typeof project !== 'object' || project === null || revision === undefined) return project;
  return { ...withoutMark(project), unchangedSince: revision };
}

/** The revision that its users last gave it, when marks came or went since. */
export function unchangedSince(project: unknown): number | undefined {
  const { unchangedSince: revision = undefined } = Object(project);
  return markOf(project)?.revision ?? (typeof revision === 'number' ? revision : undefined);
}
