import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('what was counted is in the text, under its labels', async () => {
  const metrics = createMetrics();
  metrics.counter({ name: 'corebgp_probes_total', help: 'Probes.', labels: ['ok'] }).add(2, { ok: 'true' });
  metrics.gauge({ name: 'corebgp_paths', help: 'Paths.' }).set(7);
  metrics.histogram({ name: 'corebgp_lag_seconds', help: 'Lag.', buckets: [0.1, 1] }).observe(0.5);
  const text = await metrics.text();
  expect(text).toContain('corebgp_probes_total{ok="true"} 2');
  expect(text).toContain('corebgp_paths 7');
  expect(text).toContain('corebgp_lag_seconds_bucket{le="1"} 1');
});

test('two registries share nothing', async () => {
  createMetrics().gauge({ name: 'corebgp_paths', help: 'Paths.' }).set(1);
  expect(await createMetrics().text()).not.toContain('corebgp_paths');
});
