/** Who may announce what: a project's prefixes and next hops, enforced when written and again in the updater (rule 10). */
import type { AnnouncementRecord } from '../model/announcement.ts';
import {
  type Address,
  containsPrefix,
  familyOf,
  formatPrefix,
  hostPrefix,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../model/prefix.ts';
import type { ProjectRecord } from '../model/project.ts';
import { specialRangeOf } from '../model/special-range.ts';
import type { Reason } from './reasons.ts';

export type Permit =
  | { readonly ok: true }
  /** `message` names the object and what to do. */
  | { readonly ok: false; readonly reason: Reason; readonly message: string };

export interface Entitlement {
  /** Whether nothing at all is refused. */
  readonly ok: boolean;
  /** By the text of each prefix of the announcement. */
  readonly prefixes: ReadonlyMap<string, Permit>;
  /** By the address of each next hop of the announcement. */
  readonly nextHops: ReadonlyMap<string, Permit>;
}

/** Nothing shorter is announced whatever a project says: it would draw in the traffic of everybody. */
export const shortestLength = { ipv4: 8, ipv6: 16 } as const;

type Project = Pick<ProjectRecord, 'metadata' | 'spec'>;
type Wanted = Pick<AnnouncementRecord, 'spec'>;

interface Grants {
  readonly prefixes: readonly { readonly prefix: Prefix; readonly maxLength: number }[];
  readonly nextHops: readonly Prefix[];
}

const permitted: Permit = { ok: true };
const grantsOf = new WeakMap<Project, Grants>();
const known = new WeakMap<Wanted, { readonly project: Project; readonly entitlement: Entitlement }>();

/**
 * What the project permits of the announcement. Records are immutable, so the last answer is remembered.
 * @param project undefined = it doesn't exist: it permits nothing, with the reason word `projectUnknown`, which the
 * planner takes for missing knowledge, not for a refusal.
 */
export function entitled(project: Project | undefined, announcement: Wanted): Entitlement {
  if (project === undefined) return judge(announcement, unknownProject, unknownProject);
  const remembered = known.get(announcement);
  if (remembered?.project === project) return remembered.entitlement;
  const grants = grantsOf.get(project) ?? readGrants(project);
  const name = project.metadata.name;
  const entitlement = judge(
    announcement,
    (prefix) => permitPrefix(name, grants, prefix),
    (address) => permitNextHop(name, grants, address),
  );
  known.set(announcement, { project, entitlement });
  return entitlement;
}

function judge(
  { spec }: Wanted,
  prefixPermit: (text: string) => Permit,
  nextHopPermit: (text: string) => Permit,
): Entitlement {
  const prefixes = new Map(spec.prefixes.map((prefix) => [prefix, prefixPermit(prefix)]));
  const nextHops = new Map(spec.nextHops.map(({ address }) => [address, nextHopPermit(address)]));
  const ok = [...prefixes.values(), ...nextHops.values()].every((permit) => permit.ok);
  return { ok, prefixes, nextHops };
}

function unknownProject(): Permit {
  return refused('projectUnknown', 'the project does not exist; create it with the prefixes and next hops it may use');
}

function permitPrefix(project: string, { prefixes }: Grants, text: string): Permit {
  const parsed = parsePrefix(text);
  if (!parsed.ok) return refused('prefixNotInProject', parsed.problem);
  const { family, length } = parsed.value;
  if (length < shortestLength[family]) {
    return refused(
      'prefixTooShort',
      `prefix "${text}" is shorter than /${shortestLength[family]}, which is never announced; announce a longer one`,
    );
  }
  const around = prefixes.filter(({ prefix }) => containsPrefix(prefix, parsed.value));
  if (around.length === 0) {
    return refused(
      'prefixNotInProject',
      `prefix "${text}" lies outside the prefixes of project "${project}"; add it to the project's prefixes, or use another`,
    );
  }
  if (around.every(({ maxLength }) => length > maxLength)) {
    const most = Math.max(...around.map(({ maxLength }) => maxLength));
    return refused(
      'prefixTooLong',
      `prefix "${text}" is longer than /${most}, the maxLength that project "${project}" allows there; announce a shorter one, or raise maxLength`,
    );
  }
  return permitted;
}

function permitNextHop(project: string, { nextHops }: Grants, text: string): Permit {
  const parsed = parseAddress(text);
  if (!parsed.ok) return refused('nextHopNotInProject', parsed.problem);
  const around = nextHops.filter((range) => contains(range, parsed.value));
  if (around.length === 0) {
    return refused(
      'nextHopNotInProject',
      `next hop ${text} lies outside the nextHops of project "${project}"; add its CIDR to the project's nextHops, or use another`,
    );
  }
  const special = specialRangeOf(parsed.value);
  if (special !== undefined && !around.some((range) => containsPrefix(special.range, range))) {
    return refused(
      'nextHopSpecial',
      `next hop ${text} is a ${special.kind} address; use another, or add a CIDR inside ${formatPrefix(special.range)} to the nextHops of project "${project}"`,
    );
  }
  return permitted;
}

function readGrants(project: Project): Grants {
  const grants: Grants = {
    prefixes: project.spec.prefixes.flatMap(({ prefix: text, maxLength }) => {
      const prefix = parsePrefix(text);
      const longest = familyOf(text) === 'ipv4' ? 32 : 128;
      return prefix.ok ? [{ prefix: prefix.value, maxLength: maxLength ?? longest }] : [];
    }),
    nextHops: project.spec.nextHops.flatMap((text) => {
      const range = parsePrefix(text);
      return range.ok ? [range.value] : [];
    }),
  };
  grantsOf.set(project, grants);
  return grants;
}

function contains(range: Prefix, address: Address): boolean {
  return containsPrefix(range, hostPrefix(address));
}

function refused(reason: Reason, message: string): Permit {
  return { ok: false, reason, message };
}
