/** A record as it is answered, put together from its stored text: decoding and encoding it again would be most of a list's work. */
import { apiVersion, type UserKind } from '../model/resource.ts';
import type { CachedEntry } from './cached.ts';

/** What stands between metadata and spec; in a JSON string it would be escaped. */
const seam = '},"spec":{';

/**
 * Right for texts of the form that this version writes; of others it may be anything, so it has to be compared with the
 * encoded record once.
 * @param status its JSON.
 * @returns undefined when the text certainly has another form.
 */
export function servedText(
  kind: UserKind,
  { text, modRevision }: CachedEntry,
  status: string | undefined,
): string | undefined {
  const head = `{"v":1,"kind":"${kind}","metadata":{`;
  const end = text.indexOf(seam, head.length);
  if (end < 0 || !text.startsWith(head)) return undefined;
  const metadata = text.slice(head.length, end);
  const spec = text.slice(end, -1);
  const tail = status === undefined ? '}' : `,"status":${status}}`;
  return `{"apiVersion":"${apiVersion}","kind":"${kind}","metadata":{${metadata},"revision":${modRevision}${spec}${tail}`;
}
