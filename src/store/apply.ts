/** What one commit does to a set of entries: the rules of conditions and operations, for whoever holds the entries. */
import type { Condition, Entry, Operation, StoreChange } from './store.ts';

/** Whether the entry under the condition's key (null = absent) meets it. */
export function holds(condition: Condition, entry: Entry | null): boolean {
  if ('createRevision' in condition) return (entry?.createRevision ?? 0) === condition.createRevision;
  return (entry?.modRevision ?? 0) === condition.modRevision;
}

/** The change that an operation makes at a revision; null when it changes nothing. */
export function changeOf(operation: Operation, before: Entry | null, revision: number): StoreChange | null {
  if (operation.op === 'delete') return before === null ? null : { op: 'delete', key: operation.key };
  return {
    op: 'put',
    entry: {
      key: operation.key,
      value: operation.value,
      createRevision: before?.createRevision ?? revision,
      modRevision: revision,
      ...(operation.lease === undefined ? {} : { lease: operation.lease }),
    },
  };
}

export function keyOf(change: StoreChange): string {
  return change.op === 'put' ? change.entry.key : change.key;
}

/** The part of a revision below a prefix. */
export function below(prefix: string, changes: readonly StoreChange[]): readonly StoreChange[] {
  return changes.filter((change) => keyOf(change).startsWith(prefix));
}
