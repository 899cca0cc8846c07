/** The story that plays by itself: every step is done over the REST API or to a process, and judged by BIRD's table alone. */
import { endpoints } from '../contract/endpoints.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BirdRoute } from './bird-table.ts';
import { announcementName, community, prefix, project } from './resources.ts';
import type { World } from './world.ts';

interface Step {
  readonly title: string;
  act(signal: AbortSignal): Promise<unknown>;
  /** Next hops that BIRD's table must hold for the prefix afterwards, no more and no fewer. */
  readonly nextHops: readonly string[];
}

/** How long BIRD's table may take to agree; far above what it takes, since machines are slow at times. */
const agreeWithinMs = 20_000;

/** @returns whether BIRD's table agreed at every step. Stops at the first that it didn't. */
export async function playStory(
  world: World,
  clock: Clock,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const began = clock.now();
  for (const step of steps(world)) {
    const from = clock.now();
    await step.act(signal);
    const seen = await untilAgreed(world, step.nextHops, clock, signal);
    const ms = Math.round(clock.now() - from);
    const wanted = step.nextHops.length === 0 ? 'gone' : `via ${step.nextHops.join(' and ')}`;
    if (!seen.agreed) {
      tell(`FAILED  ${step.title}: BIRD should show ${prefix} ${wanted}, but after ${ms} ms shows ${seen.shows}`);
      return false;
    }
    tell(`ok ${String(ms).padStart(6)} ms  ${step.title} → BIRD: ${prefix} ${wanted}`);
  }
  tell(`The story is over after ${((clock.now() - began) / 1_000).toFixed(1)} s; BIRD's table agreed at every step.`);
  return true;
}

function steps(world: World): readonly Step[] {
  const { client, backends } = world;
  const [first, second] = backends;
  if (first === undefined || second === undefined) return [];
  const both = [first.address, second.address];
  const drain = { name: 'story' };
  return [
    { title: 'announce', act: (signal) => world.announce(signal), nextHops: both },
    { title: `kill ${first.name} (SIGKILL)`, act: () => first.kill(), nextHops: [second.address] },
    { title: `revive ${first.name}`, act: (signal) => first.start(signal), nextHops: both },
    {
      title: `drain ${second.address}`,
      act: (signal) =>
        client.call(
          endpoints.drains.create,
          { body: { kind: 'Drain', metadata: drain, spec: { target: { nextHop: second.address }, why: 'the story' } } },
          signal,
        ),
      nextHops: [first.address],
    },
    {
      title: `undrain ${second.address}`,
      act: (signal) => client.call(endpoints.drains.delete, { params: drain }, signal),
      nextHops: both,
    },
    {
      title: 'delete the announcement',
      act: (signal) =>
        client.call(endpoints.announcements.delete, { params: { project, name: announcementName } }, signal),
      nextHops: [],
    },
  ];
}

interface Seen {
  readonly agreed: boolean;
  readonly shows: string;
}

async function untilAgreed(
  world: World,
  nextHops: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<Seen> {
  const end = clock.now() + agreeWithinMs;
  for (;;) {
    const routes = (await world.bird.table(signal)).filter((route) => route.prefix === prefix);
    const problem = disagreement(routes, nextHops);
    if (problem === undefined) return { agreed: true, shows: '' };
    if (clock.now() > end) return { agreed: false, shows: problem };
    await clock.sleep(20, signal);
  }
}

/** @returns what is wrong with the routes, or undefined. */
function disagreement(routes: readonly BirdRoute[], nextHops: readonly string[]): string | undefined {
  const shown = routes.map(({ nextHop }) => nextHop).sort();
  if (shown.join() !== [...nextHops].sort().join())
    return shown.length === 0 ? 'nothing' : `via ${shown.join(' and ')}`;
  const wrong = routes.find(
    ({ communities, largeCommunities }) => communities.join() !== community || largeCommunities.length > 0,
  );
  if (wrong === undefined) return undefined;
  return `communities ${wrong.communities.join(' ')} and large communities ${wrong.largeCommunities.join(' ')}`;
}
