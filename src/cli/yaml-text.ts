/**
 * Values as YAML; a file of its own, so that only who asks for YAML loads its writer. The package is imported statically here:
 * of a CommonJS package that is imported dynamically, the bundle has only the default export.
 */
import { stringify } from 'yaml';

/** Each value as a document of its own. */
export function yamlText(documents: readonly unknown[]): string {
  return documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}
