/** Many clients that ask for the same again and again, without a pause, from a process of their own. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface ReaderCrowd {
  /** Ends them. @returns how many answers there were, by HTTP status; 0: none came. */
  end(): Promise<Readonly<Record<string, number>>>;
}

const program = `
import { Agent, get } from 'node:http';
const [url, count] = process.argv.slice(1);
const agent = new Agent({ keepAlive: true, maxSockets: Number(count) });
const answers = {};
const ask = () => new Promise((resolve) => {
  const done = (status) => {
    answers[status] = (answers[status] ?? 0) + 1;
    resolve();
  };
  get(url, { agent }, (response) => {
    response.resume();
    response.on('end', () => done(response.statusCode));
    response.on('error', () => done(0));
  }).on('error', () => done(0));
});
for (let index = 0; index < Number(count); index += 1) void (async () => { for (;;) await ask(); })();
process.stdin.on('end', () => {
  process.stdout.write(JSON.stringify(answers));
  process.exit(0);
}).resume();
`;

export function startReaderCrowd(url: string, count: number): ReaderCrowd {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program, url, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += String(chunk);
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  return {
    end: async () => {
      child.stdin?.end();
      const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await closed;
      clearTimeout(kill);
      const answers: unknown = text === '' ? {} : JSON.parse(text);
      return Object.fromEntries(Object.entries(Object(answers)).map(([status, times]) => [status, Number(times)]));
    },
  };
}
