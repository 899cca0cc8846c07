/** Undelete: what the tombstone holds becomes the object again, if all that a write must hold still holds. */
import type { TSchema } from 'typebox';
import { CoreBgpError } from '../model/errors.ts';
import { decodeObjectTombstone, objectTombstoneKey, tombstonesKeptDays } from '../model/tombstone.ts';
import { admittedResource } from './admitted.ts';
import type { ApiContext } from './context.ts';
import { commitWrite, planOn, type ResourceKind, type Written } from './resource-store.ts';
import { contentOf, isRecord, keyOf, type ObjectName, type Preconditions, refOf } from './stored-objects.ts';

/**
 * With its uid and time of creation. An object that was created anew under the name meanwhile stays as it is.
 * @param schema of the whole resource as users write it.
 * @param preconditions its revision is that of the deleted version.
 * @throws CoreBgpError `notFound`, `alreadyExists`, `conflict`, and what the kind refuses.
 */
export async function undelete<Spec>(
  context: ApiContext,
  kind: ResourceKind<Spec>,
  schema: TSchema,
  name: ObjectName,
  { revision }: Preconditions,
  signal: AbortSignal,
): Promise<Written<Spec>> {
  const key = keyOf(kind.kind, name);
  const what = `${kind.kind} "${refOf(name)}"`;
  return await commitWrite(
    context,
    key,
    async (reader) => {
      const present = await reader.get(key);
      if (present !== undefined) {
        throw new CoreBgpError(
          'alreadyExists',
          `${what} exists, at revision ${present.modRevision}, so there is nothing to restore; its former versions are in its history.`,
        );
      }
      const stone = await reader.get(objectTombstoneKey(key));
      if (stone === undefined) {
        throw new CoreBgpError(
          'notFound',
          `There is no deleted ${what}: deleted objects are kept for ${tombstonesKeptDays} days, and "corebgp get deleted" lists them.`,
        );
      }
      const tombstone = decodeObjectTombstone(stone.value);
      const record = tombstone?.record;
      if (tombstone === undefined || !isRecord<Spec>(kind.kind, record)) {
        throw new CoreBgpError('internal', `What is kept of ${what} can't be read; apply it anew.`, {
          reason: 'undecodable',
        });
      }
      if (revision !== undefined && revision !== tombstone.revision) {
        throw new CoreBgpError(
          'conflict',
          `${what} was at revision ${tombstone.revision} when it was deleted, not at ${revision} as asked; look at its history.`,
        );
      }
      const { metadata, spec } = contentOf(record);
      const resource = { kind: kind.kind, metadata: { ...name, ...metadata }, spec };
      const input = admittedResource(kind, schema, resource);
      const plan = await planOn(context, kind, input, undefined, reader, record);
      return {
        ...plan,
        conditions: [...plan.conditions, { key: objectTombstoneKey(key), modRevision: stone.modRevision }],
        operations: [...plan.operations, { op: 'delete', key: objectTombstoneKey(key) }],
      };
    },
    signal,
  );
}
