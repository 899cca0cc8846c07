/** What became of an object, version by version: from what is stored of it to a story for people. */

import type { FieldChange } from '../model/field-changes.ts';
import { fieldChanges } from '../model/field-changes.ts';

/** What versions are compared by. */
export interface VersionContent {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: unknown;
}

/** One stored version, as far as it can be read. */
export interface StoredVersion {
  /** Revision that wrote it. */
  readonly revision: number;
  /** Absent when it can't be read. */
  readonly record?: {
    readonly uid: string;
    readonly createdAt: string;
    readonly updatedAt: string;
    readonly content: VersionContent;
  };
  /** Absent while it is in effect. */
  readonly end?: { readonly how: 'changed' | 'deleted'; readonly at: string; readonly revision: number };
}

export interface VersionStep {
  readonly revision: number;
  readonly at?: string;
  readonly action: 'created' | 'changed' | 'deleted' | 'undeleted';
  readonly changes?: readonly FieldChange[];
  readonly content?: VersionContent;
  readonly unreadable?: true;
}

/** @param versions oldest first. @returns newest first; a deletion is a step of its own. */
export function versionSteps(versions: readonly StoredVersion[]): readonly VersionStep[] {
  const steps = versions.flatMap((version, index): VersionStep[] => {
    const step = stepTo(version, versions[index - 1]);
    const { end } = version;
    if (end?.how !== 'deleted') return [step];
    return [step, { revision: end.revision, at: end.at, action: 'deleted', changes: [] }];
  });
  return steps.reverse();
}

function stepTo(version: StoredVersion, former: StoredVersion | undefined): VersionStep {
  const { revision, record } = version;
  const action = actionOf(version, former);
  if (record === undefined) {
    const at = former?.end?.how === 'changed' ? { at: former.end.at } : {};
    return { revision, ...at, action, unreadable: true };
  }
  const step = { revision, at: record.updatedAt, action, content: record.content };
  if (action === 'created') return { ...step, changes: [] };
  return former?.record === undefined
    ? step
    : { ...step, changes: fieldChanges(former.record.content, record.content) };
}

function actionOf({ record }: StoredVersion, former: StoredVersion | undefined): VersionStep['action'] {
  if (former === undefined)
    return record !== undefined && record.createdAt === record.updatedAt ? 'created' : 'changed';
  if (former.end?.how !== 'deleted') return 'changed';
  const isBack = record !== undefined && former.record !== undefined && record.uid === former.record.uid;
  return isBack ? 'undeleted' : 'created';
}
