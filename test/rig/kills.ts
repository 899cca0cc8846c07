/** Kills of CoreBGP at seeded moments, each followed by a start and a judgement. */
import { setTimeout as pause } from 'node:timers/promises';
import { endpoints } from '../../src/contract/endpoints.ts';
import { never } from './eventually.ts';
import type { JudgedNode } from './judged-node.ts';
import { readable } from './readable.ts';

/** When, in the life of a write or of the process, the kill comes. */
const phases = [
  'afterAcknowledgement',
  'betweenWrites',
  'afterVerdict',
  'beforeFirstPass',
  'afterDrain',
  'afterStart',
  'idleWithDeathMeanwhile',
] as const;
type Phase = (typeof phases)[number];
type Kill = { readonly how: 'SIGKILL' | 'SIGTERM'; readonly phase: Phase };

/** As many of each signal, over all phases, in seeded order. */
function killPlan({ random }: Pick<JudgedNode, 'random'>, each: number): readonly Kill[] {
  const plan = (['SIGKILL', 'SIGTERM'] as const).flatMap((how) =>
    Array.from({ length: each }, (_, index): Kill => ({ how, phase: phases[index % phases.length] ?? phases[0] })),
  );
  return random.shuffled(plan);
}

/** Milliseconds. */
interface KillTimes {
  /** From the start of the process until its API was ready. */
  readonly ready: number;
  /** From then until GoBGP's table was the oracle's. */
  readonly equal: number;
}

/** @throws Error with the seed when the table isn't the oracle's 5 s after the start, or a path left without a cause. */
async function killAndJudge(judged: JudgedNode, { how, phase }: Kill): Promise<KillTimes> {
  const { node, churn, random } = judged;
  const daemon = node.gobgpdPid();
  const working = judged.keepChanging();
  try {
    await pause(random.between(150, 600));
    if (random.chance(0.5)) await churn.toggleBackend();
    if (random.chance(0.3)) await churn.drain();
    await pause(random.between(0, 700));
    await strike(judged, how, phase);
  } finally {
    await working.stop();
  }
  await pause(random.between(0, 200));
  if (phase === 'idleWithDeathMeanwhile') await churn.toggleBackend();
  const since = Date.now();
  await node.start();
  // How long a loaded machine takes to load a program says nothing about it.
  const ready = Date.now() - since;
  const equal = await judged.untilEqual(since + ready, 5_000);
  await churn.recall();
  if (node.gobgpdPid() !== daemon) throw new Error(`SEED=${random.seed}: gobgpd was replaced by another`);
  await judged.judge();
  return { ready, equal };
}

async function strike(judged: JudgedNode, how: Kill['how'], phase: Phase): Promise<void> {
  const { node, churn, random } = judged;
  switch (phase) {
    case 'afterAcknowledgement':
      await churn.change();
      break;
    case 'betweenWrites': {
      const burst = churn.burst(10);
      await pause(random.between(0, 12));
      await node.end(how);
      await burst;
      return;
    }
    case 'afterVerdict': {
      const changed = verdictChange(judged);
      await churn.toggleBackend();
      await changed;
      break;
    }
    case 'beforeFirstPass': {
      await node.end(how);
      const starting = node.start().catch(() => undefined);
      await pause(random.between(30, 600));
      await node.end(how);
      await starting;
      return;
    }
    case 'afterDrain':
      await churn.drain();
      break;
    case 'afterStart':
      await node.end(how);
      await node.start();
      await pause(random.between(0, 400));
      break;
    case 'idleWithDeathMeanwhile':
      break;
  }
  await node.end(how);
}

/** Kills as planned. @returns a line with the figures. @throws Error that names the kill, and the seed. */
export async function killAll(judged: JudgedNode, each: number): Promise<string> {
  const times: KillTimes[] = [];
  for (const kill of killPlan(judged, each)) {
    try {
      times.push(await killAndJudge(judged, kill));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`after kill ${times.length + 1}, ${kill.how} ${kill.phase}: ${why}`, { cause });
    }
  }
  const sessions = judged.bird.events().filter(({ kind }) => kind === 'up' || kind === 'down');
  if (sessions.length !== 1) throw new Error(`SEED=${judged.random.seed}: the BGP session was lost`);
  const spread = (of: keyof KillTimes) => {
    const sorted = times.map((one) => one[of]).sort((a, b) => a - b);
    return `${sorted[Math.floor(sorted.length / 2)]} ms (at most ${sorted.at(-1)})`;
  };
  return (
    `SEED=${judged.random.seed}: ${times.length} kills, ${JSON.stringify(judged.churn.counts())}, ` +
    `${judged.withdrawals.counts().seen} withdrawals, all meant; ready after ${spread('ready')}, equal after another ${spread('equal')}`
  );
}

/** Resolves when a verdict is stored, or after 3 s: a backend that nobody asks about changes none. */
async function verdictChange({ node }: JudgedNode): Promise<void> {
  const before = await verdicts(node);
  const end = Date.now() + 3_000;
  while ((await verdicts(node)) === before && Date.now() < end) await pause(5);
}

async function verdicts(node: JudgedNode['node']): Promise<string> {
  const resources = await readable(node.client.lines(endpoints.announcements.all, {}, never));
  return JSON.stringify(resources.map(({ status }) => status?.nextHops.map(({ health }) => health)));
}
