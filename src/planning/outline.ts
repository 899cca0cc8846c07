/**
 * What decisions depend on of an announcement itself, without its names: shared by all that are alike, as most are. In
 * the same situation they are decided alike, so that each situation is decided once. Evidence and paths are not in it.
 */
import type { AnnouncementRecord } from '../model/announcement.ts';
import { familyOf } from '../model/prefix.ts';
import type { Decision } from './desired.ts';
import { defaultZone } from './tasks.ts';

/** What is wanted for a next hop, for all prefixes of its family, and the reason word. */
export interface NextHopDecision {
  readonly path: Decision['type'];
  readonly why: Decision['reason'];
}

export interface Outline {
  /** Of each next hop, in their order. */
  readonly zones: readonly string[];
  /** The same, each once. */
  readonly distinctZones: readonly string[];
  /** By situation: what is decided on each next hop; undefined for one without a prefix of its family. */
  readonly decided: Map<string, readonly (NextHopDecision | undefined)[]>;
}

const known = new Map<string, Outline>();
const mostKnown = 1_024;
const mostSituations = 4_096;

export function outlineOf({ spec }: Pick<AnnouncementRecord, 'spec'>): Outline {
  const { prefixes, nextHops, policy, scope, healthCheck } = spec;
  const zones = nextHops.map(({ zone }) => zone ?? defaultZone);
  const text = JSON.stringify([
    [...new Set(prefixes.map(familyOf))].sort(),
    nextHops.map(({ address }) => familyOf(address)),
    zones,
    scope ?? null,
    policy?.minHealthy ?? null,
    policy?.onAllDown ?? null,
    healthCheck === undefined ? null : (healthCheck.initial ?? 'down'),
  ]);
  const found = known.get(text);
  if (found !== undefined) return found;
  const made = { zones, distinctZones: [...new Set(zones)], decided: new Map() };
  if (known.size >= mostKnown) known.clear();
  known.set(text, made);
  return made;
}

/** The decisions in the situation; @param decide asked at its first time. */
export function decidedIn(
  { decided }: Outline,
  situation: string,
  decide: () => readonly (NextHopDecision | undefined)[],
): readonly (NextHopDecision | undefined)[] {
  const found = decided.get(situation);
  if (found !== undefined) return found;
  const made = decide();
  if (decided.size >= mostSituations) decided.clear();
  decided.set(situation, made);
  return made;
}
