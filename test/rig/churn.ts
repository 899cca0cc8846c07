/**
 * A seeded driver of changes: announcements created, replaced and deleted, next hops that die and revive, drains. It knows
 * what it has been acknowledged, what is in doubt since the answer was lost, and which withdrawals it has caused.
 */
import { isDeepStrictEqual } from 'node:util';
import { endpoints } from '../../src/contract/endpoints.ts';
import type { AnnouncementSpec, NextHopSpec } from '../../src/model/announcement.ts';
import type { AttributesSpec } from '../../src/model/attributes.ts';
import { CoreBgpError } from '../../src/model/errors.ts';
import type { HealthCheck } from '../../src/model/health-check.ts';
import { type Family, families as familiesOfBoth, familyOf } from '../../src/model/prefix.ts';
import { never } from './eventually.ts';
import type { HttpBackend } from './http-backend.ts';
import type { NodeProcess } from './node-process.ts';
import { pathText } from './oracle.ts';
import type { PathTable } from './path-table.ts';
import { readable } from './readable.ts';
import type { Seeded } from './seeded.ts';
import type { Cause, Withdrawals } from './withdrawals.ts';

export interface Churn {
  /** One change of one announcement that is not being changed; resolves when it is acknowledged or in doubt. */
  change(): Promise<void>;
  /** Starts or ends a drain. */
  drain(): Promise<void>;
  /** Kills a next hop that lives, or revives a dead one. @returns its address. */
  toggleBackend(): Promise<string>;
  /** As many changes in flight at once. */
  burst(count: number): Promise<void>;
  /** Reads back: every acknowledged write must be there, and doubts are resolved. */
  recall(): Promise<void>;
  /** What must be announced once every verdict has caught up with the truth. */
  truth(): PathTable;
  counts(): Readonly<Record<'acknowledged' | 'inDoubt' | 'happened' | 'verdicts', number>>;
}

export interface ChurnOptions {
  readonly node: NodeProcess;
  readonly backends: readonly HttpBackend[];
  readonly random: Seeded;
  readonly withdrawals: Withdrawals;
  /** Announcements at most. Default 12. */
  readonly slots?: number;
}

interface Doubt {
  readonly next: AnnouncementSpec | undefined;
  readonly cause: Cause;
}

/** A place for one announcement, with prefixes of its own. */
interface Slot {
  readonly index: number;
  readonly prefixes: readonly string[];
  readonly checked: boolean;
  /** Every check of a slot is a new task: nothing is known of it. */
  checks: number;
  spec: AnnouncementSpec | undefined;
  doubt: Doubt | undefined;
  busy: boolean;
}

interface DrainSlot {
  readonly name: string;
  readonly target: { readonly nextHop: string } | { readonly announcement: string };
  on: boolean;
  doubt: { readonly on: boolean; readonly cause: Cause } | undefined;
}

export const uncheckedNextHops = ['10.0.1.11', '10.0.1.12', '10.0.1.13', '2001:db8:1::11', '2001:db8:1::12'] as const;

export function createChurn({ node, backends, random, withdrawals, slots: count = 12 }: ChurnOptions): Churn {
  const slots = Array.from({ length: count }, (_, index) => newSlot(index));
  const drains: readonly DrainSlot[] = [
    { name: 'host', target: { nextHop: backends[0]?.address ?? '10.0.1.11' }, on: false, doubt: undefined },
    { name: 'router', target: { nextHop: '2001:db8:1::11' }, on: false, doubt: undefined },
    { name: 'service', target: { announcement: 'default/s1' }, on: false, doubt: undefined },
  ];
  const dead = new Set<string>();
  const counts = { acknowledged: 0, inDoubt: 0, happened: 0, verdicts: 0 };
  const { port = 0 } = backends[0] ?? {};

  async function change(): Promise<void> {
    const idle = slots.filter((slot) => !slot.busy && slot.doubt === undefined);
    if (idle.length === 0) return;
    const slot = random.pick(idle);
    slot.busy = true;
    try {
      await changeSlot(slot);
    } finally {
      slot.busy = false;
    }
  }

  async function changeSlot(slot: Slot): Promise<void> {
    const before = slot.spec;
    const [what, next] = before === undefined ? (['create', drawSpec(slot)] as const) : drawChange(slot, before);
    const goes = lostBetween(before, next);
    const cause = withdrawals.expect(`${what} ${nameOf(slot)}`, (prefix, nextHop) => goes.has(`${prefix} ${nextHop}`));
    const acknowledged = await sent(() => send(slot, before, next));
    if (acknowledged) slot.spec = next;
    else slot.doubt = { next, cause };
  }

  async function send(slot: Slot, before: AnnouncementSpec | undefined, next: AnnouncementSpec | undefined) {
    const params = { project: 'default', name: nameOf(slot) };
    if (next === undefined) await node.client.call(endpoints.announcements.delete, { params }, never);
    else {
      const body = { kind: 'Announcement' as const, metadata: { name: params.name }, spec: next };
      if (before === undefined) await node.client.call(endpoints.announcements.create, { body }, never);
      else await node.client.call(endpoints.announcements.replace, { params, body }, never);
    }
  }

  /** @returns false when nobody can tell whether it happened. */
  async function sent(call: () => Promise<unknown>): Promise<boolean> {
    try {
      await call();
      counts.acknowledged += 1;
      return true;
    } catch (error) {
      if (!(error instanceof CoreBgpError) || !['unavailable', 'timeout'].includes(error.code)) throw error;
      counts.inDoubt += 1;
      return false;
    }
  }

  async function drain(): Promise<void> {
    const idle = drains.filter(({ doubt }) => doubt === undefined);
    if (idle.length === 0) return;
    const one = random.pick(idle);
    const on = !one.on;
    const { name, target } = one;
    const cause = withdrawals.expect(`${on ? 'drain' : 'undrain'} ${name}`, (prefix, nextHop) =>
      on && 'nextHop' in target ? nextHop === target.nextHop : on && (slots[1]?.prefixes.includes(prefix) ?? false),
    );
    const acknowledged = await sent(() =>
      on
        ? node.client.call(
            endpoints.drains.create,
            { body: { kind: 'Drain', metadata: { name }, spec: { target } } },
            never,
          )
        : node.client.call(endpoints.drains.delete, { params: { name } }, never),
    );
    if (acknowledged) one.on = on;
    else one.doubt = { on, cause };
  }

  async function toggleBackend(): Promise<string> {
    const backend = random.pick(backends);
    const { address } = backend;
    counts.verdicts += 1;
    if (dead.delete(address)) await backend.revive();
    else {
      withdrawals.expect(`death of ${address}`, (_, nextHop) => nextHop === address);
      dead.add(address);
      await backend.die();
    }
    return address;
  }

  async function recall(): Promise<void> {
    const resources = await readable(node.client.lines(endpoints.announcements.all, {}, never));
    const stored = new Map(resources.map(({ metadata, spec }) => [metadata.name, spec]));
    for (const slot of slots) {
      const found = stored.get(nameOf(slot));
      const { doubt } = slot;
      slot.doubt = undefined;
      if (isDeepStrictEqual(found, slot.spec)) {
        if (doubt !== undefined) withdrawals.cancel(doubt.cause);
      } else if (doubt !== undefined && isDeepStrictEqual(found, doubt.next)) {
        slot.spec = doubt.next;
        counts.happened += 1;
      } else {
        throw new Error(
          `${nameOf(slot)} is ${JSON.stringify(found)}, acknowledged was ${JSON.stringify(slot.spec)}` +
            (doubt === undefined ? '' : `, in doubt ${JSON.stringify(doubt.next)}`),
        );
      }
    }
    const inEffect = await readable(node.client.lines(endpoints.drains.all, {}, never));
    const names = new Set(inEffect.map(({ metadata }) => metadata.name));
    for (const one of drains) {
      const on = names.has(one.name);
      const { doubt } = one;
      if (doubt === undefined && on !== one.on)
        throw new Error(`drain ${one.name} is ${on}, acknowledged was ${one.on}`);
      if (doubt !== undefined && on !== doubt.on) withdrawals.cancel(doubt.cause);
      one.on = on;
      one.doubt = undefined;
    }
  }

  function truth(): PathTable {
    const table = new Map<string, string>();
    const isDrained = (address: string, slot: Slot) =>
      drains.some(
        ({ on, target }) =>
          on && ('nextHop' in target ? target.nextHop === address : target.announcement === `default/${nameOf(slot)}`),
      );
    for (const slot of slots) {
      if (slot.spec === undefined) continue;
      for (const { address, attributes } of slot.spec.nextHops) {
        // What is checked and no backend listens at is dead, too.
        const alive = !slot.checked || (backends.some((one) => one.address === address) && !dead.has(address));
        if (!alive || isDrained(address, slot)) continue;
        for (const prefix of slot.spec.prefixes.filter((one) => one.includes(':') === address.includes(':'))) {
          table.set(`${prefix} ${address}`, pathText(slot.spec.attributes, attributes, node.asn));
        }
      }
    }
    return table;
  }

  function drawSpec(slot: Slot): AnnouncementSpec {
    slot.checks += 1;
    const check = checkOf(port, `/${slot.index}-${slot.checks}`);
    const families = random.some(familiesOfBoth);
    return {
      prefixes: drawPrefixes(slot, families),
      nextHops: drawNextHops(slot, families),
      ...(slot.checked ? { healthCheck: check } : {}),
      attributes: drawAttributes(),
    };
  }

  function drawChange(slot: Slot, before: AnnouncementSpec): readonly [string, AnnouncementSpec | undefined] {
    const draw = random.next();
    const families = familiesOfBoth.filter((family) => before.prefixes.some((prefix) => familyOf(prefix) === family));
    if (draw < 0.25) return ['delete', undefined];
    if (draw < 0.5) return ['attributes of', { ...before, attributes: drawAttributes() }];
    if (draw < 0.75) return ['next hops of', { ...before, nextHops: drawNextHops(slot, families) }];
    if (draw < 0.9 || !slot.checked) return ['prefixes of', { ...before, prefixes: drawPrefixes(slot, families) }];
    slot.checks += 1;
    return ['check of', { ...before, healthCheck: checkOf(port, `/recheck-${slot.index}-${slot.checks}`) }];
  }

  function drawPrefixes(slot: Slot, families: readonly Family[]): string[] {
    return families.flatMap((family) => random.some(slot.prefixes.filter((prefix) => familyOf(prefix) === family)));
  }

  /** Some of each family that the prefixes have: the API takes no next hop that serves none. */
  function drawNextHops(slot: Slot, families: readonly Family[]): NextHopSpec[] {
    const pool = slot.checked ? backends.map(({ address }) => address) : uncheckedNextHops;
    const chosen = families.flatMap((family) => random.some(pool.filter((address) => familyOf(address) === family)));
    return chosen.map((address) =>
      random.chance(0.3) ? { address, attributes: { localPref: random.between(90, 110) } } : { address },
    );
  }

  function drawAttributes(): AttributesSpec {
    return {
      med: random.between(0, 50),
      communities: [`64512:${random.between(1, 9)}`, '64512:777'].toSorted(),
      ...(random.chance(0.5) ? { largeCommunities: [`64512:1:${random.between(1, 9)}`] } : {}),
      ...(random.chance(0.3) ? { asPathPrepend: random.between(1, 3) } : {}),
      ...(random.chance(0.3) ? { origin: 'incomplete' as const } : {}),
    };
  }

  return {
    change,
    drain,
    toggleBackend,
    burst: async (amount) => {
      await Promise.all(Array.from({ length: amount }, change));
    },
    recall,
    truth,
    counts: () => ({ ...counts }),
  };
}

function newSlot(index: number): Slot {
  const hosts = [10 + 2 * index, 11 + 2 * index];
  const prefixes = hosts.flatMap((host) => [`203.0.113.${host}/32`, `2001:db8::${host}/128`]);
  return { index, prefixes, checked: index % 2 === 0, checks: 0, spec: undefined, doubt: undefined, busy: false };
}

const nameOf = ({ index }: Slot) => `s${index}`;

function checkOf(port: number, path: string): HealthCheck {
  return { type: 'http', port, path, interval: '500ms', fastInterval: '100ms', timeout: '400ms' };
}

/** `PREFIX NEXTHOP` of what the first has and the second has not. */
function lostBetween(before: AnnouncementSpec | undefined, next: AnnouncementSpec | undefined): ReadonlySet<string> {
  const paths = (spec: AnnouncementSpec | undefined) =>
    (spec?.prefixes ?? []).flatMap((prefix) => (spec?.nextHops ?? []).map(({ address }) => `${prefix} ${address}`));
  const after = new Set(paths(next));
  return new Set(paths(before).filter((path) => !after.has(path)));
}
