/** Semantic rules of a peer's spec, beyond its schema. */
import { formatDuration, parseDuration } from './duration.ts';
import type { PeerSpec } from './peer.ts';
import { familyOf } from './prefix.ts';
import { canonicalAddress, type Problem } from './problem.ts';
import { namePattern } from './resource.ts';
import { type SpecialKind, specialRangeOf } from './special-range.ts';

const neverPeers: readonly SpecialKind[] = ['unspecified', 'multicast', 'reserved'];
/** Milliseconds; as the schema's description promises. */
export const defaultHoldTime = 30_000;
/** 16 bits of seconds on the wire (RFC 4271 4.2). */
const longest = 65_535_000;

/** @param spec passed by its schema. @returns every problem found; empty = valid. */
export function peerProblems(spec: PeerSpec): readonly Problem[] {
  return [...addressProblems(spec), ...timerProblems(spec.timers), ...speakerProblems(spec.speakers)];
}

function addressProblems({ address, sourceAddress }: PeerSpec): readonly Problem[] {
  const own = sessionAddressProblem(address, 'spec.address');
  if (sourceAddress === undefined) return own;
  const source = sessionAddressProblem(sourceAddress, 'spec.sourceAddress');
  if (own.length > 0 || source.length > 0 || familyOf(address) === familyOf(sourceAddress)) return [...own, ...source];
  const problem = `sourceAddress ${sourceAddress} and address ${address} are of different families; use one of the neighbour's`;
  return [{ field: 'spec.sourceAddress', problem }];
}

function sessionAddressProblem(text: string, field: string): readonly Problem[] {
  const parsed = canonicalAddress(text);
  if (!parsed.ok) return [{ field, problem: parsed.problem }];
  const kind = specialRangeOf(parsed.value)?.kind;
  if (kind !== undefined && neverPeers.includes(kind)) {
    return [{ field, problem: `${text} can't be the address of a BGP session (${kind}); use another` }];
  }
  if (kind === 'link-local' && parsed.value.family === 'ipv6') {
    return [
      { field, problem: `${text} is link-local, which needs an interface and isn't supported; use a global address` },
    ];
  }
  return [];
}

function timerProblems(timers: PeerSpec['timers']): readonly Problem[] {
  if (timers === undefined) return [];
  const least = { connectRetry: 1_000, holdTime: 3_000, keepalive: 1_000 } as const;
  const outOfRange = (['connectRetry', 'holdTime', 'keepalive'] as const).flatMap((name): Problem[] => {
    const text = timers[name];
    const ms = text === undefined ? undefined : parseDuration(text);
    if (text === undefined || (ms !== undefined && ms % 1_000 === 0 && ms >= least[name] && ms <= longest)) return [];
    const problem = `${name} "${text}" must be whole seconds from ${formatDuration(least[name])} to ${longest / 1_000}s`;
    return [{ field: `spec.timers.${name}`, problem }];
  });
  if (outOfRange.length > 0 || timers.keepalive === undefined) return outOfRange;
  const holdTime =
    timers.holdTime === undefined ? defaultHoldTime : (parseDuration(timers.holdTime) ?? defaultHoldTime);
  if ((parseDuration(timers.keepalive) ?? 0) < holdTime) return [];
  const problem = `keepalive "${timers.keepalive}" must be below the hold time ${formatDuration(holdTime)}; a third of it is usual`;
  return [{ field: 'spec.timers.keepalive', problem }];
}

function speakerProblems(speakers: PeerSpec['speakers']): readonly Problem[] {
  const isName = new RegExp(namePattern);
  return (speakers ?? []).flatMap((name, index) =>
    isName.test(name)
      ? []
      : [
          {
            field: `spec.speakers[${index}]`,
            problem: `"${name}" is no speaker's name; write lower-case letters, digits and "-"`,
          },
        ],
  );
}
