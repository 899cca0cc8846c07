/** Semantic rules of a health check: ranges of durations, and how they fit together. */
import { formatDuration, parseDuration } from './duration.ts';
import { defaultTiming, type HealthCheck } from './health-check.ts';
import type { Problem } from './problem.ts';

/** Least and most, milliseconds. */
const ranges = {
  interval: [500, 3_600_000],
  fastInterval: [100, 3_600_000],
  timeout: [50, 60_000],
} as const;
const durations = ['interval', 'fastInterval', 'timeout'] as const;

/** @param at where the check stands: `spec.healthCheck`. */
export function healthCheckProblems(check: HealthCheck, at: string): readonly Problem[] {
  const inRange = durations.flatMap((name) => durationProblems(check[name], name, `${at}.${name}`));
  const together = inRange.length === 0 ? fitProblems(check, at) : [];
  return [...inRange, ...together, ...statusProblems(check, at)];
}

function durationProblems(text: string | undefined, name: (typeof durations)[number], field: string) {
  if (text === undefined) return [];
  const ms = parseDuration(text);
  const [least, most] = ranges[name];
  if (ms !== undefined && ms >= least && ms <= most) return [];
  const bounds = `${formatDuration(least)} to ${formatDuration(most)}`;
  return [{ field, problem: `${name} "${text}" is out of range; write a duration from ${bounds}` }];
}

function fitProblems(check: HealthCheck, at: string): readonly Problem[] {
  const problems: Problem[] = [];
  const { interval, fastInterval, timeout } = {
    interval: durationOr(check.interval, defaultTiming.interval),
    fastInterval: durationOr(check.fastInterval, defaultTiming.fastInterval),
    timeout: durationOr(check.timeout, defaultTiming.timeout),
  };
  const said = (ms: number, text: string | undefined) =>
    `${formatDuration(ms)}${text === undefined ? ' (default)' : ''}`;
  if (timeout >= interval) {
    problems.push({
      field: `${at}.timeout`,
      problem: `timeout ${said(timeout, check.timeout)} must be below interval ${said(interval, check.interval)}; lower the timeout or raise the interval`,
    });
  }
  if (fastInterval > interval) {
    problems.push({
      field: `${at}.fastInterval`,
      problem: `fastInterval ${said(fastInterval, check.fastInterval)} must not be above interval ${said(interval, check.interval)}; lower it or raise the interval`,
    });
  }
  return problems;
}

function durationOr(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (parseDuration(text) ?? otherwise);
}

function statusProblems(check: HealthCheck, at: string): readonly Problem[] {
  if (check.type !== 'http') return [];
  return (check.expect?.status ?? []).flatMap((text, index) => {
    const [from = '', to = from] = text.split('-');
    if (Number(from) <= Number(to)) return [];
    return [{ field: `${at}.expect.status[${index}]`, problem: `"${text}" runs backwards; write "${to}-${from}"` }];
  });
}
