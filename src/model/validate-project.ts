/** Semantic rules of a project's spec, beyond its schema. */
import { canonicalPrefix, type Problem, repeated, withRepeated } from './problem.ts';
import type { ProjectSpec } from './project.ts';

/** @param spec passed by its schema. @returns every problem found; empty = valid. */
export function projectProblems({ prefixes, nextHops }: ProjectSpec): readonly Problem[] {
  const prefixField = (index: number) => `spec.prefixes[${index}].prefix`;
  const nextHopField = (index: number) => `spec.nextHops[${index}]`;
  const wrongPrefixes = prefixes.flatMap(({ prefix, maxLength }, index) => {
    const parsed = canonicalPrefix(prefix);
    if (!parsed.ok) return [{ field: prefixField(index), problem: parsed.problem }];
    const { family, length } = parsed.value;
    const width = family === 'ipv4' ? 32 : 128;
    if (maxLength === undefined || (maxLength >= length && maxLength <= width)) return [];
    return [
      {
        field: `spec.prefixes[${index}].maxLength`,
        problem: `maxLength ${maxLength} does not fit "${prefix}"; write a number from ${length} to ${width}`,
      },
    ];
  });
  const wrongNextHops = nextHops.flatMap((text, index) => {
    const parsed = canonicalPrefix(text);
    return parsed.ok ? [] : [{ field: nextHopField(index), problem: parsed.problem }];
  });
  const texts = prefixes.map(({ prefix }) => prefix);
  return [
    ...withRepeated(wrongPrefixes, repeated(texts, prefixField, 'prefix')),
    ...withRepeated(wrongNextHops, repeated(nextHops, nextHopField, 'prefix')),
  ];
}
