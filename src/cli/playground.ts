/** The body of `corebgp playground`: starts the small world, then plays the story or shows it live. */
import { join } from 'node:path';
import { runBackend } from '../playground/backend.ts';
import { showLive } from '../playground/live.ts';
import { announcementName, project } from '../playground/resources.ts';
import { playStory } from '../playground/story.ts';
import { startWorld, type World } from '../playground/world.ts';
import { isAbort } from '../runtime/abort.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLog } from '../runtime/log.ts';
import { packageRoot } from '../runtime/package-root.ts';
import { systemRandom } from '../runtime/random.ts';
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
  const { clock, signal, stdout } = shell;
  const began = clock.now();
  const tell = (line: string) => stdout.write(`${line}\n`);
  tell(
    'CoreBGP playground: the control plane only, on loopback; no packet is forwarded, no route of this machine changes.',
  );
  const world = await startWorld(
    {
      ...options,
      packageRoot,
      command: [process.execPath, join(packageRoot, 'bin/corebgp')],
      clock: systemClock,
      log: createLog('warn'),
      random: systemRandom,
      progress: (sentence) => tell(`  ${String(Math.round(clock.now() - began)).padStart(5)} ms  ${sentence}`),
    },
    signal,
  );
  try {
    if (options.story) return (await playStory(world, clock, tell, signal)) ? 0 : 1;
    await world.announce(signal);
    tell(guide(world));
    await showLive(world, clock, (text) => stdout.write(text), signal);
    return 0;
  } catch (error) {
    if (options.story || !isAbort(error, signal)) throw error;
    return 0;
  } finally {
    tell('\nStopping.');
    await world.close();
  }
}

/** A backend's own process, see playground/backend.ts. */
export async function playgroundBackend(name: string, address: string, port: number): Promise<void> {
  await runBackend({ name, address, port });
}

function guide({ url, backends, bird }: World): string {
  const corebgp = `COREBGP_URL=${url} bin/corebgp`;
  const [first, second] = backends;
  const revive = `bin/corebgp playground-backend ${first?.name} ${first?.address} ${first?.port}`;
  return `
REST API: ${url}   (try: curl ${url}/v1/announcements)
BIRD:     birdc -s ${bird.socketPath} show route all

Try in another terminal:
  ${corebgp} get announcements
  ${corebgp} explain ${project}/${announcementName}
  kill -9 ${first?.pid()}      # ${first?.name} dies: its path leaves BIRD's table
  ${revive}      # and returns
  ${corebgp} drain next-hop ${second?.address} --why maintenance
  ${corebgp} undrain next-hop ${second?.address}
  ${corebgp} delete announcement ${project}/${announcementName}
Ctrl-C ends it and leaves nothing behind.`;
}
