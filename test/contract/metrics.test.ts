/** What a running `corebgp up` shows at /metrics and what docs/reference/metrics.md says of it are the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/load.ts';
import { type RunningNode, startNode } from '../../src/node/start-node.ts';
import { metricTables } from '../../src/reference/metrics.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { systemRandom } from '../../src/runtime/random.ts';
import { announcement, never, shop } from '../rig/api.ts';
import { eventually } from '../rig/eventually.ts';
import { type HttpBackend, startBackend } from '../rig/http-backend.ts';
import { gobgpdOf } from '../servers/gobgpd.ts';
import { freePort, packageRoot, tempFolder } from '../servers/places.ts';

const definitions = Object.values(metricTables).flatMap((table) => Object.values(table));
const reference = readFileSync(join(packageRoot, 'docs/reference/metrics.md'), 'utf8');
const folder = tempFolder('metrics');
let node: RunningNode;
let backend: HttpBackend;

beforeAll(async () => {
  backend = await startBackend('127.0.0.11');
  const tool = gobgpdOf(4);
  const { config } = resolveConfig({
    env: {},
    flags: {
      'data.folder': folder.path,
      'api.listen': '127.0.0.1:0',
      'checker.ttl': '5s',
      'speaker.asn': '64512',
      'speaker.routerId': '192.0.2.1',
      'speaker.listenPort': String(await freePort('127.0.0.1')),
      'speaker.listenAddresses': '127.0.0.1',
      'speaker.binary': tool.path,
      'speaker.onStop': 'stop',
    },
    machine: { hostname: 'n1', home: folder.path, root: false, stateHome: undefined, workingFolder: folder.path },
  });
  node = await startNode({ config, clock: systemClock, log: silentLog, random: systemRandom }, never);
}, 60_000);
afterAll(async () => {
  await node?.close();
  await backend?.die();
  folder.close();
});

test('each metric is defined once, with a name in the common form and a sentence', () => {
  const names = definitions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, type, help, labels, buckets } of definitions) {
    expect(name).toMatch(/^corebgp_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    expect(help, name).toMatch(/^[A-Z0-9].*\.$/);
    for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
    if (type === 'histogram') expect(buckets).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
    expect(reference).toContain(
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ') || '–'} |`,
    );
  }
});

test('a running node shows every defined metric with its labels, and no other', async () => {
  await put('/v1/projects/shop', { ...shop, spec: { ...shop.spec, nextHops: ['127.0.0.0/8'] } });
  await put('/v1/announcements/shop/web', {
    ...announcement('web', ['203.0.113.10/32']),
    spec: {
      prefixes: ['203.0.113.10/32'],
      nextHops: [{ address: '127.0.0.11' }, { address: '127.0.0.12' }],
      healthCheck: { type: 'tcp', port: backend.port, interval: '500ms', timeout: '300ms' },
    },
  });
  await put('/v1/peers/r1', { kind: 'Peer', metadata: { name: 'r1' }, spec: { address: '127.0.0.9', asn: 64_513 } });
  await fetch(`${node.url}/v1/projects/nowhere`);
  await eventually(async () => {
    const { samples } = await read();
    expect(value(samples, 'corebgp_updater_paths', {})).toBe(1);
    expect(value(samples, 'corebgp_updater_peer_established', { peer: 'r1' })).toBe(0);
    expect(value(samples, 'corebgp_checker_probes_total', { result: 'failed' })).toBeGreaterThan(0);
    expect(value(samples, 'corebgp_checker_lease_renewals_total', { result: 'ok' })).toBeGreaterThan(0);
  }, 'the announcement in the metrics');

  const { samples, types } = await read();
  const own = new Map([...types].filter(([name]) => name.startsWith('corebgp_')));
  expect([...own.keys()].sort()).toEqual(definitions.map(({ name }) => name).sort());
  for (const name of types.keys()) expect(name).toMatch(/^(corebgp|process|nodejs)_/);
  for (const { name, type, labels } of definitions) {
    expect(own.get(name), name).toBe(type);
    const shown = samples.filter((sample) => sample.name.replace(/_(bucket|sum|count)$/, '') === name);
    // Nothing stands against this speaker, so these two show no value at all.
    if (['corebgp_updater_exceptions', 'corebgp_updater_conditions'].includes(name)) continue;
    expect(shown.length, name).toBeGreaterThan(0);
    for (const sample of shown) {
      expect(
        Object.keys(sample.labels)
          .filter((label) => label !== 'le')
          .sort(),
        name,
      ).toEqual([...labels].sort());
    }
  }
  expect(value(samples, 'corebgp_api_records', { collection: 'announcements' })).toBe(1);
  expect(value(samples, 'corebgp_api_unreadable_records', { collection: 'announcements' })).toBe(0);
  expect(value(samples, 'corebgp_api_refusals_total', { code: 'notFound' })).toBe(1);
  expect(value(samples, 'corebgp_checker_verdict_seconds_count', {})).toBeGreaterThan(0);
  expect(value(samples, 'corebgp_updater_path_changes_total', { change: 'announced' })).toBe(1);
  expect(value(samples, 'corebgp_updater_ok', {})).toBe(1);
});

async function put(path: string, body: object): Promise<void> {
  const response = await fetch(node.url + path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.text()).toBe(200);
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

async function read() {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(
    ([, name = '', labels = '', number = '']): Sample => ({
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', word = '']) => [key, word]),
      ),
      value: Number(number),
    }),
  );
  return { types, samples };
}

function value(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>): number | undefined {
  return samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([key, word]) => sample.labels[key] === word),
  )?.value;
}
