/** Semantic rules of an announcement's spec, beyond its schema. What a project permits is another question (planning/entitlement). */
import type { AnnouncementSpec } from './announcement.ts';
import { type Family, families, familyOf } from './prefix.ts';
import { canonicalAddress, canonicalPrefix, type Problem, repeated, withRepeated } from './problem.ts';
import { type SpecialKind, specialRangeOf } from './special-range.ts';
import { attributesProblems } from './validate-attributes.ts';
import { healthCheckProblems } from './validate-health-check.ts';

/** Never a next hop, whoever asks; loopback, link-local and the like may be permitted by a project. */
const neverNextHops: readonly SpecialKind[] = ['unspecified', 'multicast', 'reserved'];

/** @param spec passed by its schema. @returns every problem found; empty = valid. */
export function announcementProblems(spec: AnnouncementSpec): readonly Problem[] {
  const addresses = [...prefixProblems(spec), ...nextHopProblems(spec)];
  return [
    ...addresses,
    ...(addresses.length === 0 ? familyProblems(spec) : []),
    ...(spec.healthCheck === undefined ? [] : healthCheckProblems(spec.healthCheck, 'spec.healthCheck')),
    ...attributesProblems(spec.attributes, 'spec.attributes'),
    ...spec.nextHops.flatMap(({ attributes }, index) =>
      attributesProblems(attributes, `spec.nextHops[${index}].attributes`),
    ),
  ];
}

function prefixProblems({ prefixes }: AnnouncementSpec): readonly Problem[] {
  const fieldOf = (index: number) => `spec.prefixes[${index}]`;
  const wrong = prefixes.flatMap((text, index) => {
    const parsed = canonicalPrefix(text);
    return parsed.ok ? [] : [{ field: fieldOf(index), problem: parsed.problem }];
  });
  return withRepeated(wrong, repeated(prefixes, fieldOf, 'prefix'));
}

function nextHopProblems({ nextHops }: AnnouncementSpec): readonly Problem[] {
  const fieldOf = (index: number) => `spec.nextHops[${index}].address`;
  const addresses = nextHops.map(({ address }) => address);
  const wrong = addresses.flatMap((text, index) => {
    const parsed = canonicalAddress(text);
    if (!parsed.ok) return [{ field: fieldOf(index), problem: parsed.problem }];
    const special = specialRangeOf(parsed.value);
    if (special === undefined || !neverNextHops.includes(special.kind)) return [];
    return [
      {
        field: fieldOf(index),
        problem: `${text} is ${article(special.kind)} address, which can't be a next hop; use another`,
      },
    ];
  });
  return withRepeated(wrong, repeated(addresses, fieldOf, 'address'));
}

/** Next hops serve the prefixes of their own family. */
function familyProblems({ prefixes, nextHops, policy }: AnnouncementSpec): readonly Problem[] {
  const countOf = (family: Family) => nextHops.filter(({ address }) => familyOf(address) === family).length;
  const has = (family: Family) => prefixes.some((prefix) => familyOf(prefix) === family);
  const problems: Problem[] = [];
  prefixes.forEach((prefix, index) => {
    const family = familyOf(prefix);
    if (countOf(family) > 0) return;
    problems.push({
      field: `spec.prefixes[${index}]`,
      problem: `prefix "${prefix}" has no ${nameOf(family)} next hop; add one, or leave the prefix out`,
    });
  });
  nextHops.forEach(({ address }, index) => {
    const family = familyOf(address);
    if (has(family)) return;
    problems.push({
      field: `spec.nextHops[${index}].address`,
      problem: `next hop ${address} has no ${nameOf(family)} prefix to serve; add one, or leave the next hop out`,
    });
  });
  const minHealthy = policy?.minHealthy;
  const scarce = families.find(
    (family) => has(family) && typeof minHealthy === 'number' && countOf(family) < minHealthy,
  );
  if (problems.length === 0 && scarce !== undefined) {
    problems.push({
      field: 'spec.policy.minHealthy',
      problem: `minHealthy ${minHealthy} can't be reached with ${countOf(scarce)} ${nameOf(scarce)} next hop(s); lower it, or add next hops`,
    });
  }
  return problems;
}

function nameOf(family: Family): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}

function article(kind: SpecialKind): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
