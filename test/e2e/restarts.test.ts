/** CoreBGP killed and stopped again and again under churn: the neighbour loses nothing but what was meant to go. */
import { describe, expect, test } from 'vitest';
import { processAt } from '../../src/speaker/process.ts';
import { eventually } from '../rig/eventually.ts';
import { type JudgedNode, type JudgedNodeOptions, startJudgedNode } from '../rig/judged-node.ts';
import { killAll } from '../rig/kills.ts';
import { seedOf } from '../rig/seeded.ts';
import { gobgpGenerations } from '../servers/gobgpd.ts';

const seed = seedOf();
/** Kills by each signal. */
const kills = Number(process.env['KILLS'] ?? 10);

async function judged<T>(options: JudgedNodeOptions, play: (node: JudgedNode) => Promise<T>): Promise<T> {
  const node = await startJudgedNode(options);
  try {
    return await play(node);
  } finally {
    await node.close();
  }
}

describe.each(gobgpGenerations)('with GoBGP %i', (generation) => {
  test(`kill -9 and SIGTERM of CoreBGP, ${kills} each under churn, withdraw nothing (SEED=${seed})`, async () => {
    const figures = await judged({ generation, seed }, (node) => killAll(node, kills));
    process.stdout.write(`GoBGP ${generation}, ${figures}\n`);
  });

  test('SIGTERM leaves gobgpd running, BIRD sees nothing, and the next start adopts it', async () => {
    await judged({ generation, seed }, async ({ node, bird, churn, judge }) => {
      await churn.burst(8);
      await judge();
      const [daemon, seen] = [node.gobgpdPid(), bird.events().length];
      expect(await node.end('SIGTERM')).toBe(0);
      expect(processAt(daemon)).toBeDefined();
      await node.start();
      expect(node.gobgpdPid()).toBe(daemon);
      await judge();
      expect(bird.events().slice(seen)).toEqual([]);
    });
  });

  test('with speaker.onStop stop, SIGTERM ends gobgpd too; what it takes from BIRD is counted as unmeant', async () => {
    const flags = ['--speaker-on-stop', 'stop'];
    await judged({ generation, seed, flags }, async ({ node, bird, churn, withdrawals, judge }) => {
      await churn.burst(8);
      await judge();
      const daemon = node.gobgpdPid();
      const held = churn.truth().size;
      expect(held).toBeGreaterThan(0);
      expect(await node.end('SIGTERM')).toBe(0);
      expect(processAt(daemon)).toBeUndefined();
      await eventually(async () => expect(await bird.table(new AbortController().signal)).toEqual([]), 'BIRD lost all');
      // This is what a CoreBGP that takes its paths along would look like: the judgement must not miss it.
      expect(withdrawals.check(bird.events()).length).toBe(held);
    });
  });
});
