/** PATCH: a merge patch on what is stored now. A change that comes in between is patched too, unless a revision was asked for. */
import type { TSchema } from 'typebox';
import { refusalOf } from '../contract/refusal.ts';
import { CoreBgpError } from '../model/errors.ts';
import { mergePatch } from '../model/merge-patch.ts';
import type { MetadataInput } from '../model/resource.ts';
import { admittedResource } from './admitted.ts';
import type { ApiContext } from './context.ts';
import { commitWrite, planOn, type ResourceInput, type ResourceKind, type Written } from './resource-store.ts';
import { contentOf, existing, keyOf, type ObjectName, type Preconditions, readable } from './stored-objects.ts';

/** Of a patch, what is merged; the rest of it names the object. */
export interface ResourcePatch {
  readonly metadata?: Partial<Pick<MetadataInput, 'name' | 'project' | 'revision'>> & {
    readonly labels?: unknown;
    readonly annotations?: unknown;
  };
  readonly spec?: unknown;
}

/**
 * @param schema of the whole resource as users write it.
 * @throws CoreBgpError `notFound`, `invalid`, `conflict`, and what the kind refuses.
 */
export async function patch<Spec>(
  context: ApiContext,
  kind: ResourceKind<Spec>,
  schema: TSchema,
  name: ObjectName,
  body: ResourcePatch,
  preconditions: Preconditions,
  signal: AbortSignal,
): Promise<Written<Spec>> {
  const key = keyOf(kind.kind, name);
  return await commitWrite(
    context,
    key,
    async (reader) => {
      const before = await existing(kind.kind, name, preconditions, reader);
      const stored = readable<Spec>(kind.kind, name, before);
      const whole = mergePatch({ kind: kind.kind, ...contentOf(stored) }, { metadata: name });
      const input = admittedMerge(kind, schema, mergePatch(whole, mergedPart(body)), whole);
      return await planOn(context, kind, input, before, reader);
    },
    signal,
  );
}

/** A field that was wrong before the patch is said to come from the store: who sent the patch never wrote it. */
function admittedMerge<Spec>(
  kind: ResourceKind<Spec>,
  schema: TSchema,
  merged: unknown,
  stored: unknown,
): ResourceInput<Spec> {
  try {
    return admittedResource(kind, schema, merged);
  } catch (caught) {
    const field = caught instanceof CoreBgpError ? caught.field : undefined;
    const before = refusalOf(schema, stored);
    if (field === undefined || before?.field !== field) throw caught;
    throw new CoreBgpError(
      'invalid',
      `The stored object has a field that this server does not take, perhaps of a newer version: ${field} ${before.problem.replace(/\.$/, '')}. Patch it through a server of that version, or write the whole object without the field (PUT, corebgp apply).`,
      { field, cause: caught },
    );
  }
}

function mergedPart({ metadata: { labels, annotations } = {}, spec }: ResourcePatch): unknown {
  return {
    metadata: { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) },
    ...(spec === undefined ? {} : { spec }),
  };
}
