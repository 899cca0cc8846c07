/** The body of `corebgp playground`: starts the small world, then plays the story or shows it live. */
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftBehind, makePlaygroundFolder } from '../playground/left-behind.ts';
import { showLive } from '../playground/live.ts';
import { playStory } from '../playground/story.ts';
import { whileBirdRuns } from '../playground/while-bird-runs.ts';
import { startWorld } from '../playground/world.ts';
import { isAbort } from '../runtime/abort.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { packageRoot } from '../runtime/package-root.ts';
import { systemRandom } from '../runtime/random.ts';
import { guide, shellWord } from './playground-guide.ts';
import type { Shell } from './shell.ts';

export interface PlaygroundOptions {
  readonly story: boolean;
  /** TCP port of the API; absent: any free one. */
  readonly port?: number;
  /** The gobgpd to run; absent: the one found on the machine. */
  readonly gobgpd?: string;
  /** Absent: a temporary folder, removed at the end. */
  readonly folder?: string;
}

/** @returns the exit code: 0 when the story was right at every step, or when a person ended the playground. */
export async function playground(options: PlaygroundOptions, shell: Shell): Promise<number> {
  const tell = (line: string) => shell.stdout.write(`${line}\n`);
  tell(
    'CoreBGP playground: the control plane only, on loopback; no packet is forwarded, no route of this machine changes.',
  );
  for (const { folder, pids } of leftBehind(tmpdir())) {
    const end = pids.length === 0 ? '' : `kill ${pids.join(' ')}; `;
    tell(
      `  note: an earlier playground was killed and left things behind; end them with: ${end}rm -rf ${shellWord(folder)}`,
    );
  }
  const folder = options.folder ?? makePlaygroundFolder(tmpdir());
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, 'corebgp.log');
  try {
    const code = await play({ ...options, folder, logFile }, shell, tell);
    if (code !== 0) tellLog(logFile, shell);
    return code;
  } catch (error) {
    if (!isAbort(error, shell.signal)) tellLog(logFile, shell);
    throw error;
  } finally {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

interface Play extends PlaygroundOptions {
  readonly folder: string;
  readonly logFile: string;
}

async function play(options: Play, shell: Shell, tell: (line: string) => void): Promise<number> {
  const { clock, signal, stdout } = shell;
  const began = clock.now();
  const world = await startWorld(
    {
      ...options,
      packageRoot,
      command: [process.execPath, join(packageRoot, 'bin/corebgp')],
      clock: systemClock,
      // Open as long as this process lives: who has stopped may still have a line to write.
      log: createLog('warn', openSync(options.logFile, 'a')),
      random: systemRandom,
      progress: (sentence) => tell(`  ${String(Math.round(clock.now() - began)).padStart(5)} ms  ${sentence}`),
    },
    signal,
  );
  try {
    return await whileBirdRuns(world.bird, clock, signal, async (either) => {
      if (options.story) return (await playStory(world, clock, tell, either)) ? 0 : 1;
      await world.announce(either);
      tell(guide(world, options.logFile));
      await showLive(world, clock, (text) => stdout.write(text), either);
      return 0;
    });
  } catch (error) {
    if (options.story || !isAbort(error, signal)) throw error;
    return 0;
  } finally {
    tell('\nStopping.');
    await world.close();
  }
}

const lastLines = 20;

/** The end of the log, which goes away with a temporary folder. */
function tellLog(file: string, shell: Shell): void {
  const lines = readFileSync(file, { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .filter((line) => line !== '');
  if (lines.length > 0) shell.stderr.write(`The last lines of CoreBGP's log:\n${lines.slice(-lastLines).join('\n')}\n`);
}
