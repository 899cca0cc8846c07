/** BIRD's control socket: one command, its reply. */
import { createConnection } from 'node:net';
import { CoreBgpError } from '../model/errors.ts';

/** A line of a reply. BIRD gives each a code of four digits; a line without one continues the code before it. */
export interface ReplyLine {
  readonly code: number;
  readonly text: string;
}

/**
 * Sends one command (`show route all`) on a connection of its own.
 * @returns the reply's lines, without the greeting and without the empty last one.
 * @throws CoreBgpError `unavailable` when the socket can't be reached or closes early, `invalid` when BIRD refuses the command.
 */
export async function birdCommand(socketPath: string, command: string, signal: AbortSignal): Promise<ReplyLine[]> {
  const text = await exchange(socketPath, command, signal);
  const lines = parseReply(text);
  const refused = lines.find(({ code }) => code >= 8000);
  if (refused !== undefined) {
    throw new CoreBgpError('invalid', `BIRD refused "${command}": ${refused.text} (${refused.code})`);
  }
  return lines;
}

/** Text of one reply, greeting included, to lines. */
export function parseReply(text: string): ReplyLine[] {
  const lines: ReplyLine[] = [];
  let code = 0;
  for (const line of text.split('\n')) {
    const match = /^(\d{4})[- ](.*)$/.exec(line);
    if (match !== null) code = Number(match[1]);
    const content = match === null ? line.slice(1) : (match[2] ?? '');
    if (code > 1) lines.push({ code, text: content });
  }
  return lines;
}

/** Greeting and reply each end in a line whose code is followed by a space. */
const endOfMessage = /^\d{4} .*\n/gm;

function exchange(socketPath: string, command: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = createConnection(socketPath);
    const fail = (why: string, cause?: unknown) => {
      socket.destroy();
      reject(new CoreBgpError('unavailable', `BIRD's control socket ${socketPath}: ${why}`, { cause }));
    };
    const aborted = () => fail('aborted', signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${command}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if ((text.match(endOfMessage)?.length ?? 0) < 2) return;
      socket.destroy();
      resolve(text);
    });
    socket.on('error', (cause) => fail(cause.message, cause));
    socket.on('close', () => {
      signal.removeEventListener('abort', aborted);
      fail('closed before the reply was complete');
    });
  });
}
