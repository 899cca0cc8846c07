/** The reference of metrics, made of the roles' own tables. */
import { apiMetrics } from '../api/metrics.ts';
import { checkerMetrics } from '../checker/metrics.ts';
import { logMetrics } from '../runtime/log-metrics.ts';
import type { MetricDefinition } from '../runtime/metrics.ts';
import { updaterMetrics } from '../updater/metrics.ts';

/** Every metric that a process of CoreBGP may show, by the role that fills it. */
export const metricTables: Readonly<Record<string, Readonly<Record<string, MetricDefinition>>>> = {
  'API server': apiMetrics,
  Checker: checkerMetrics,
  Updater: updaterMetrics,
  Log: logMetrics,
};

/** The text of docs/reference/metrics.md. */
export function metricsReference(): string {
  const sections = Object.entries(metricTables).map(([role, table]) =>
    [
      `## ${role}`,
      '',
      '| metric | type | labels | meaning |',
      '|---|---|---|---|',
      ...Object.values(table).map(
        ({ name, type, labels, help }) =>
          `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ') || '–'} | ${cell(help)} |`,
      ),
      '',
    ].join('\n'),
  );
  return `${introduction}\n${sections.join('\n')}\n${ending}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

const introduction = `<!-- Generated from the metrics.ts of each role: change those, then run "npm run gen". -->
# Metrics

\`GET /metrics\` of the API server answers them in the Prometheus text format. Under \`corebgp up\` all roles share it.
A checker or an updater in a process of its own has no listener yet: there its log, \`corebgp get checkers\` and
\`corebgp get speakers\` tell how it is. Units are in the names: \`_seconds\`, \`_total\` (a count since the start); all
others are numbers of things. A histogram \`x\` shows \`x_bucket{le}\`, \`x_sum\` and \`x_count\`.
`;

const ending = `## The process
As the Prometheus client for Node.js names them, all beginning with \`process_\` or \`nodejs_\`; the useful ones are
\`process_resident_memory_bytes\`, \`process_cpu_seconds_total\`, \`process_open_fds\`, \`nodejs_eventloop_lag_p99_seconds\`
and \`nodejs_heap_size_used_bytes\`.

## What to alert on

| condition | meaning |
|---|---|
| \`corebgp_api_cache_fresh == 0\` for 1 m | the server's copy of the store is stale: nothing is withdrawn, and nothing new is announced |
| \`corebgp_updater_ok == 0\` for 1 m | gobgpd can't be reached, refuses, or hangs; its paths stay as they are |
| \`corebgp_updater_peer_established == 0\` for 1 m | that router gets no paths from here |
| \`corebgp_updater_exceptions > 0\` for 5 m | paths that are not as wanted; \`corebgp explain\` tells why |
| \`corebgp_checker_ready == 0\` for 1 m | nobody checks: next hops keep their last state |
| \`corebgp_checker_probe_lag_seconds > 0.5\` for 5 m | the checker has more to do than it can |
| \`corebgp_api_unreadable_records > 0\` | a stored record can't be read; its paths stay as they are |
| \`increase(corebgp_store_commits_total{result="failed"}[5m]) > 0\` | the disk is full or broken |
| \`increase(corebgp_log_lines_dropped_total[5m]) > 0\` | the log is incomplete: its disk is full, or its reader stalls |
| \`increase(corebgp_checker_lease_losses_total[15m]) > 0\` | the checker stood still for longer than its lease lives |
`;
