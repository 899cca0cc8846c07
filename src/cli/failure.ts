/** An error as a person, or with `-o json` a program, reads it on stderr; and its exit code. */
import { CoreBgpError, errorCodes, toCoreBgpError } from '../model/errors.ts';
import { printable } from './table.ts';

export function exitCodeOf(caught: unknown): number {
  return errorCodes[toCoreBgpError(caught, 'unexpected').code].exit;
}

/** RFC 9457, as the API answers it. */
function problemOf(error: CoreBgpError): object {
  const { code, message, field, reason, requestId } = error;
  const { status, title } = errorCodes[code];
  return {
    type: `urn:corebgp:error:${code}`,
    title,
    status,
    code,
    detail: message,
    ...(field === undefined ? {} : { field }),
    ...(reason === undefined ? {} : { reason }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** Exit code when the command did its work, and only what it had to tell could not be printed (EX_IOERR of sysexits). */
export const lostOutputExit = 74;

/** @param isDone whether the command went on to its end all the same. */
export function lostOutputText(error: Error, isDone: boolean): string {
  const done = isDone ? ' The command has done its work all the same: a change that it makes is made.' : '';
  return `error: Standard output can't be written: ${error.message}.${done}\n`;
}

export function failureText(caught: unknown, asJson: boolean): string {
  const error = toCoreBgpError(caught, 'This should not have happened');
  if (asJson) return `${JSON.stringify(problemOf(error))}\n`;
  const lines = [`error: ${error.message}`];
  if (error.field !== undefined && !error.message.includes(error.field)) lines.push(`  field: ${error.field}`);
  if (error.reason !== undefined && !error.message.includes(error.reason)) lines.push(`  reason: ${error.reason}`);
  // Only what the server may have to explain: its log tells more.
  if (error.requestId !== undefined && errorCodes[error.code].status >= 500)
    lines.push(`  request id: ${error.requestId} (in the server's log)`);
  if (!(caught instanceof CoreBgpError)) {
    lines.push('  This is a defect of CoreBGP: please report it together with the following lines.');
    if (caught instanceof Error && caught.stack !== undefined) lines.push(caught.stack);
  }
  return `${lines.map((line) => line.split('\n').map(printable).join('\n')).join('\n')}\n`;
}
