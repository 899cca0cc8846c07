/** JSON merge patch (RFC 7396). */
import { isObject } from './json-object.ts';

/**
 * What the patch makes of the target: null removes a field, an object is merged field by field, anything else (a list
 * too) replaces what is there. Neither is changed.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  // No assignment: a field may be called __proto__.
  return Object.fromEntries(merged);
}
