/** JSON in, with a limit to its depth. */
import { isUtf8 } from 'node:buffer';
import { jsonProblem, linePlace } from '../contract/json-text.ts';
import { CoreBgpError } from '../model/errors.ts';

/** Lists and objects inside each other, in a body. */
export const mostDepth = 16;

/**
 * @param body as it came, or its text.
 * @throws CoreBgpError `invalid`: no UTF-8, no JSON, or JSON that not every reader understands alike; with the place.
 */
export function parseBody(body: string | Buffer): unknown {
  const text = typeof body === 'string' ? body : textOf(body);
  if (text.trim() === '') return undefined;
  const found = jsonProblem(text, mostDepth);
  if (found === undefined) return JSON.parse(text);
  const { syntax, field, problem, offset } = found;
  const place = linePlace(text, offset);
  if (syntax) throw new CoreBgpError('invalid', `The body is not valid JSON (${place}): ${problem}.`);
  if (field === '') throw new CoreBgpError('invalid', `The body ${problem} (${place}).`);
  throw new CoreBgpError('invalid', `${field} ${problem} (${place}).`, { field });
}

function textOf(body: Buffer): string {
  const text = body.toString('utf8');
  if (isUtf8(body)) return text;
  // What is no UTF-8 has become U+FFFD, so written again it differs first where it is wrong.
  const again = Buffer.from(text);
  const wrong = body.findIndex((byte, index) => byte !== again[index]);
  throw new CoreBgpError(
    'invalid',
    `The body is not UTF-8: byte ${wrong} (0x${body[wrong]?.toString(16).padStart(2, '0')}) is no character; send UTF-8.`,
  );
}
