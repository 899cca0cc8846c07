/** Semantic rules of a drain's spec, beyond its schema. */
import type { DrainSpec } from './drain.ts';
import { canonicalAddress, type Problem } from './problem.ts';
import { namePattern } from './resource.ts';

/** @param spec passed by its schema. @returns every problem found; empty = valid. */
export function drainProblems({ target, until }: DrainSpec): readonly Problem[] {
  return [...targetProblems(target), ...untilProblems(until)];
}

function targetProblems(target: DrainSpec['target']): readonly Problem[] {
  if ('nextHop' in target) {
    const parsed = canonicalAddress(target.nextHop);
    return parsed.ok ? [] : [{ field: 'spec.target.nextHop', problem: parsed.problem }];
  }
  if (!('announcement' in target)) return [];
  const isName = new RegExp(namePattern);
  const parts = target.announcement.split('/');
  if (parts.length === 2 && parts.every((part) => isName.test(part))) return [];
  return [
    { field: 'spec.target.announcement', problem: `"${target.announcement}" is no announcement; write "project/name"` },
  ];
}

/** `Date.parse` carries 30 February over into March; the day must be one that exists. */
function untilProblems(until: string | undefined): readonly Problem[] {
  if (until === undefined) return [];
  const [year, month, day] = until.slice(0, 10).split('-').map(Number);
  const lastDay = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  if (!Number.isNaN(Date.parse(until)) && day !== undefined && day <= lastDay) return [];
  const problem = `"${until}" is no point in time; write it as in "2026-01-31T18:00:00Z"`;
  return [{ field: 'spec.until', problem }];
}
