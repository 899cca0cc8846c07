/** Metrics in the Prometheus text format: a registry of its own for each process, nothing global. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricOptions {
  /** `corebgp_<what>_<unit>`; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

export interface Metrics {
  counter(options: MetricOptions): { add(amount: number, labels?: Labels): void };
  gauge(options: MetricOptions): { set(value: number, labels?: Labels): void };
  /** @param options.buckets upper bounds, ascending. */
  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): {
    observe(value: number, labels?: Labels): void;
  };
  /** Everything, as `GET /metrics` answers it. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** @param processMetrics whether memory, CPU, event loop lag and the like of the process are added. Default false. */
export function createMetrics(processMetrics = false): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const common = ({ name, help, labels = [] }: MetricOptions) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (options) => {
      const metric = new Counter(common(options));
      return { add: (amount, labels = {}) => metric.inc(labels, amount) };
    },
    gauge: (options) => {
      const metric = new Gauge(common(options));
      return { set: (value, labels = {}) => metric.set(labels, value) };
    },
    histogram: (options) => {
      const metric = new Histogram({ ...common(options), buckets: [...options.buckets] });
      return { observe: (value, labels = {}) => metric.observe(labels, value) };
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
