import { expect, test } from 'vitest';
import { counter, createMetrics, gauge, histogram } from './metrics.ts';

const probes = counter({ name: 'corebgp_probes_total', help: 'Probes.', labels: ['ok'] });
const paths = gauge({ name: 'corebgp_paths', help: 'Paths.' });
const peers = gauge({ name: 'corebgp_peers', help: 'Peers.', labels: ['peer'] });

test('what was counted is in the text, under its labels', async () => {
  const metrics = createMetrics();
  metrics.counter(probes).add(2, { ok: 'true' });
  metrics.gauge(paths).set(7);
  metrics.histogram(histogram({ name: 'corebgp_lag_seconds', help: 'Lag.', buckets: [0.1, 1] })).observe(0.5);
  const text = await metrics.text();
  expect(text).toContain('corebgp_probes_total{ok="true"} 2');
  expect(text).toContain('corebgp_paths 7');
  expect(text).toContain('corebgp_lag_seconds_bucket{le="1"} 1');
});

test('two registries share nothing', async () => {
  createMetrics().gauge(paths).set(1);
  expect(await createMetrics().text()).not.toContain('corebgp_paths');
});

test('a sum counted elsewhere is reached once, however often it is told, and never sinks', async () => {
  const metrics = createMetrics();
  const made = metrics.counter(probes);
  for (const sum of [3, 3, 5, 4]) made.reach(sum, { ok: 'true' });
  made.reach(1, { ok: 'false' });
  expect(await metrics.text()).toContain('corebgp_probes_total{ok="true"} 5\ncorebgp_probes_total{ok="false"} 1');
});

test('what is read anew each time forgets what is gone', async () => {
  const metrics = createMetrics();
  const made = metrics.gauge(peers);
  let names = ['a', 'b'];
  const stop = metrics.onRead(() => {
    made.clear();
    for (const peer of names) made.set(1, { peer });
  });
  expect(await metrics.text()).toContain('corebgp_peers{peer="b"} 1');
  names = ['a'];
  expect(await metrics.text()).not.toContain('peer="b"');
  stop();
  names = ['c'];
  expect(await metrics.text()).not.toContain('peer="c"');
});
