/** Resources that don't come as the body of a request: admitted by the same schema and the same checks. */
import type { TSchema } from 'typebox';
import { CoreBgpError } from '../model/errors.ts';
import { admit } from './admit.ts';
import { checkSpec, type ResourceInput, type ResourceKind } from './resource-store.ts';

/** @throws CoreBgpError `invalid` with the field. */
export function admittedResource<Spec>(
  kind: ResourceKind<Spec>,
  schema: TSchema,
  resource: unknown,
): ResourceInput<Spec> {
  admit(schema, resource, kind.kind);
  if (!isInput<Spec>(resource)) throw new CoreBgpError('internal', `the schema of ${kind.kind} has no spec`);
  checkSpec(kind, resource.spec);
  return resource;
}

function isInput<Spec>(value: unknown): value is ResourceInput<Spec> {
  return typeof value === 'object' && value !== null && 'metadata' in value && 'spec' in value;
}
