/** JSON in, with a limit to its depth; JSON out, in slices when it is long. */
import { CoreBgpError } from '../model/errors.ts';
import { breathe } from '../runtime/breathe.ts';
import type { Clock } from '../runtime/clock.ts';

const mostDepth = 16;

/** @throws CoreBgpError `invalid` */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  if (depthOf(text) > mostDepth) {
    throw new CoreBgpError('invalid', `The body is nested deeper than ${mostDepth} levels.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CoreBgpError('invalid', `The body is not valid JSON: ${why}.`);
  }
}

/** Counted before parsing, so that nothing deep is ever built. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}

const sliceMs = 5;
const chunkCharacters = 64 * 1024;
/** Shorter lists are encoded at once. */
const shortList = 100;

/** Whether an answer is a list so long that it should be encoded in slices. */
export function isLongList(body: unknown): body is { readonly resources: readonly unknown[] } {
  return (
    typeof body === 'object' &&
    body !== null &&
    'resources' in body &&
    Array.isArray(body.resources) &&
    body.resources.length > shortList
  );
}

/** The same text as JSON.stringify gives with `resources` last; other work goes on in between. */
export async function* encodeList(
  { resources, ...rest }: { readonly resources: readonly unknown[] },
  clock: Clock,
): AsyncGenerator<string, void> {
  const head = JSON.stringify(rest);
  let text = `${head.slice(0, -1)}${head === '{}' ? '' : ','}"resources":[`;
  let separator = '';
  let sliceEnd = clock.now() + sliceMs;
  for (const resource of resources) {
    text += separator + JSON.stringify(resource);
    separator = ',';
    if (text.length > chunkCharacters) {
      yield text;
      text = '';
    }
    if (clock.now() >= sliceEnd) {
      await breathe();
      sliceEnd = clock.now() + sliceMs;
    }
  }
  yield `${text}]}`;
}
