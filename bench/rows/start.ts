/** How long starting takes: the node until it is ready, and verbs of the command line until they have ended. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gobgpdOf } from '../../test/servers/gobgpd.ts';
import { freePort } from '../../test/servers/places.ts';
import { median, timed } from '../measure.ts';
import { ending, launcher, startBenchNode } from '../rig/node.ts';
import { asn, project } from '../rig/resources.ts';
import { atMost, type Result, type Row, type RowContext } from '../row.ts';

export const startRow: Row = {
  name: 'start',
  what: 'corebgp up until ready; verbs of the command line',
  measure: async (context) => {
    const results = [await up(context)];
    const node = await startUp(context, 'verbs');
    try {
      await node.apply([project]);
      const bare: number[] = [];
      const verbs = [
        { what: 'corebgp version', args: ['version'], runs: [] as number[] },
        { what: 'corebgp --help', args: ['--help'], runs: [] as number[] },
        { what: 'corebgp apply --help', args: ['apply', '--help'], runs: [] as number[] },
        { what: 'corebgp get projects', args: ['get', 'projects', '--url', node.url], runs: [] as number[] },
        {
          what: 'corebgp get -o yaml',
          args: ['get', 'projects', '-o', 'yaml', '--url', node.url],
          runs: [] as number[],
        },
        { what: 'corebgp explain', args: ['explain', '192.0.2.1', '--url', node.url], runs: [] as number[] },
      ];
      for (let run = 0; run < (context.quick ? 5 : 15); run += 1) {
        bare.push(await program(['-e', '0']));
        for (const { args, runs } of verbs) runs.push(await program([launcher, ...args]));
      }
      for (const { what, runs } of verbs) {
        const value = median(runs);
        const limit = { what: 'node -e 0', value: median(bare), runs: bare };
        results.push({ what, unit: 'ms', value, runs, limit, mark: atMost(150, value, 'ms') });
      }
    } finally {
      await node.close();
    }
    return results;
  },
};

async function startUp({ folder }: RowContext, name: string) {
  const own = join(folder, `start-${name}`);
  mkdirSync(own);
  const tool = gobgpdOf(4);
  const identity = ['--speaker-asn', String(asn), '--speaker-router-id', '192.0.2.1', '--speaker-binary', tool.path];
  const listen = ['--speaker-listen-port', String(await freePort()), '--speaker-listen-addresses', '127.0.0.1'];
  return startBenchNode({ verb: 'up', folder: own, flags: [...identity, ...listen], env: tool.env });
}

async function up(context: RowContext): Promise<Result> {
  const runs: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < (context.quick ? 2 : 5); run += 1) {
    bare.push(await program(['-e', '0']));
    const node = await startUp(context, `up-${run}`);
    runs.push(node.readyMs);
    await node.close();
  }
  const value = median(runs);
  const limit = { what: 'node -e 0', value: median(bare), runs: bare };
  context.progress(`ready in ${Math.round(value)} ms`);
  return { what: 'corebgp up ready', unit: 'ms', value, runs, limit, mark: atMost(1_500, value, 'ms') };
}

/** Milliseconds from its start to its end. @throws when it fails. */
async function program(args: readonly string[]): Promise<number> {
  return timed(async () => {
    const code = await ending(spawn(process.execPath, args, { stdio: 'ignore' }));
    if (code !== 0) throw new Error(`node ${args.join(' ')} ended with code ${code}`);
  });
}
