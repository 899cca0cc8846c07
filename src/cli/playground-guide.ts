/** What a person can try while the playground runs: every line works as it stands. */
import { join } from 'node:path';
import { CoreBgpError } from '../model/errors.ts';
import { announcementName, project } from '../playground/resources.ts';
import type { World } from '../playground/world.ts';
import { packageRoot } from '../runtime/package-root.ts';
import { findTool } from '../runtime/tools.ts';

export function guide({ url, backends, bird }: Pick<World, 'url' | 'backends' | 'bird'>, logFile: string): string {
  const program = process.cwd() === packageRoot ? 'bin/corebgp' : shellWord(join(packageRoot, 'bin/corebgp'));
  const corebgp = `COREBGP_URL=${url} ${program}`;
  const [first, second] = backends;
  const revive = `${program} playground-backend ${first?.name} ${first?.address} ${first?.port}`;
  return `
REST API: ${url}   (try: curl ${url}/v1/announcements)
BIRD:     ${birdClient(bird.socketPath)}
Log:      ${logFile}

Try in another terminal:
  ${corebgp} get announcements
  ${corebgp} explain ${project}/${announcementName}
  kill -9 ${first?.pid()}      # ${first?.name} dies: its path leaves BIRD's table
  ${revive}      # and returns, until Ctrl-C there
  ${corebgp} drain next-hop ${second?.address} --why maintenance
  ${corebgp} undrain next-hop ${second?.address}
  ${corebgp} delete announcement ${project}/${announcementName}
Ctrl-C ends it and leaves nothing behind.`;
}

/** The command that shows BIRD's table: where BIRD's own client is not installed but unpacked beside us, with its libraries. */
function birdClient(socketPath: string): string {
  try {
    const { path, env } = findTool('birdc', packageRoot);
    const variables = Object.entries(env).map(([name, value]) => `${name}=${shellWord(value)}`);
    return [...variables, shellWord(path), '-s', shellWord(socketPath), 'show route all'].join(' ');
  } catch (error) {
    if (!(error instanceof CoreBgpError)) throw error;
    return `control socket ${socketPath} (its client birdc is not on this machine)`;
  }
}

/** As one word of a shell's command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
