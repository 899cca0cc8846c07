/**
 * Metrics in the Prometheus text format: a registry of its own for each process, nothing global. A metric is made from
 * its definition only, and the definitions of a role stand in its `metrics.ts`, which the reference is generated from.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricDefinition<Type extends MetricType = MetricType, Label extends string = string> {
  readonly type: Type;
  /** `corebgp_<role>_<what>_<unit>`; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram, ascending. */
  readonly buckets?: readonly number[];
}
export type MetricType = 'counter' | 'gauge' | 'histogram';

type Row<Label extends string> = { readonly name: string; readonly help: string; readonly labels?: readonly Label[] };

export function counter<const Label extends string = never>(row: Row<Label>): MetricDefinition<'counter', Label> {
  return { ...row, type: 'counter', labels: row.labels ?? [] };
}

export function gauge<const Label extends string = never>(row: Row<Label>): MetricDefinition<'gauge', Label> {
  return { ...row, type: 'gauge', labels: row.labels ?? [] };
}

export function histogram<const Label extends string = never>(
  row: Row<Label> & { readonly buckets: readonly number[] },
): MetricDefinition<'histogram', Label> {
  return { ...row, type: 'histogram', labels: row.labels ?? [] };
}

/** Buckets for times from a millisecond to ten seconds. */
export const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A value for each label; without labels it may be left out. */
type Labels<Label extends string> = [Label] extends [never]
  ? readonly []
  : readonly [labels: Readonly<Record<Label, string>>];

export interface CounterMetric<Label extends string> {
  add(amount: number, ...labels: Labels<Label>): void;
  /** Raises it to a sum that somebody else has counted; a smaller one changes nothing. */
  reach(sum: number, ...labels: Labels<Label>): void;
}
export interface GaugeMetric<Label extends string> {
  set(value: number, ...labels: Labels<Label>): void;
  /** Forgets every value: what is not set again is gone. */
  clear(): void;
}
export interface HistogramMetric<Label extends string> {
  observe(value: number, ...labels: Labels<Label>): void;
}

export interface Metrics {
  counter<Label extends string>(definition: MetricDefinition<'counter', Label>): CounterMetric<Label>;
  gauge<Label extends string>(definition: MetricDefinition<'gauge', Label>): GaugeMetric<Label>;
  histogram<Label extends string>(definition: MetricDefinition<'histogram', Label>): HistogramMetric<Label>;
  /** Called before each reading, to set what is only known then. @returns ends that. */
  onRead(fill: () => void): () => void;
  /** Everything, as `GET /metrics` answers it. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** @param processMetrics whether memory, CPU, event loop lag and the like of the process are added. Default false. */
export function createMetrics(processMetrics = false): Metrics {
  const registry = new Registry();
  const fills = new Set<() => void>();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const common = ({ name, help, labels }: MetricDefinition) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (definition) => {
      const metric = new Counter(common(definition));
      const sums = new Map<string, number>();
      return {
        add: (amount, ...[labels]) => metric.inc(labels ?? {}, amount),
        reach: (sum, ...[labels]) => {
          const key = JSON.stringify(labels);
          const more = sum - (sums.get(key) ?? 0);
          if (more < 0) return;
          sums.set(key, sum);
          metric.inc(labels ?? {}, more);
        },
      };
    },
    gauge: (definition) => {
      const metric = new Gauge(common(definition));
      return {
        set: (value, ...[labels]) => metric.set(labels ?? {}, value),
        // Its reset sets one without labels to 0: only those with labels can be absent.
        clear: () => metric.reset(),
      };
    },
    histogram: (definition) => {
      const metric = new Histogram({ ...common(definition), buckets: [...(definition.buckets ?? [])] });
      return { observe: (value, ...[labels]) => metric.observe(labels ?? {}, value) };
    },
    onRead: (fill) => {
      fills.add(fill);
      return () => fills.delete(fill);
    },
    text: () => {
      for (const fill of fills) fill();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
