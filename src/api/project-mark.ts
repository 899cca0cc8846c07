/** While a project is being deleted its record says so, and nothing is created in it. */
import type { Clock } from '../runtime/clock.ts';

export interface DeletionMark {
  /** RFC 3339. */
  readonly at: string;
  /** Of the project before it was marked. */
  readonly revision: number;
}

/** A deletion that was not finished by then is given up: the next create takes the mark away, milliseconds. */
const markCountsMs = 30_000;

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
  return { ...project, deleting: mark };
}

export function withoutMark(project: unknown): unknown {
  if (typeof project !== 'object' || project === null || !('deleting' in project)) return project;
  const { deleting: _, ...rest } = project;
  return rest;
}
