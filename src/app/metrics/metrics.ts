/** `/metrics`, in the text format of Prometheus. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { collectDefaultMetrics } from 'prom-client';
import type { Config } from '../../config.ts';
import type { OperationObserver } from '../../http/measure.ts';
import type { MetricsAnswer, MetricsRequest } from '../../http/metrics.ts';
import { createTraffic, type Traffic } from '../../http/traffic.ts';
import type { Instant } from '../../jobs/job.ts';
import type { Store } from '../../store/store.ts';
import type { StoreObserver } from '../observed-store.ts';
import { countJobs } from './job-counts.ts';
import { createSeries, type Series } from './series.ts';
import { createStoreGauges } from './store-gauges.ts';

/** The parts of the server that are measured, and the page that shows the measurements. */
export interface Metrics {
  readonly jobs: StoreObserver;
  readonly operations: OperationObserver;
  readonly traffic: Traffic;
  /** The SQL port, once it is open. */
  sqlPort: { readonly connections: number } | null;
  page(store: Store, log: Logger): (request: MetricsRequest) => Promise<MetricsAnswer>;
}

export const createMetrics = (
  config: Config,
  version: string,
  kinds: readonly string[],
  now: () => Instant,
): Metrics => {
  const traffic = createTraffic();
  const sqlConnections = () => metrics.sqlPort?.connections ?? 0;
  const series = createSeries({ version, kinds, slots: config.workers, traffic, sqlConnections });
  const metrics: Metrics = {
    jobs: countJobs(series),
    operations: {
      executed: (operation, field, seconds) => series.operationSeconds.observe({ operation, field }, seconds),
      failed: (code) => series.operationErrors.inc({ code }),
    },
    traffic,
    sqlPort: null,
    page: (store, log) => {
      const { storeFile, dataDir } = config;
      const onError = (error: unknown) => log.warn({ err: error }, 'a metric could not be read');
      const gauges = createStoreGauges(series.registry, { store, storeFile, dataDir, now, onError });
      return answerMetrics(series, gauges, config.metricsToken);
    },
  };
  return metrics;
};

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
const refusal = (status: 401 | 403, words: string): MetricsAnswer => ({
  ...{ status, type: 'text/plain; charset=utf-8' },
  body: `${words}\n`,
});

/** @param token null: programs on this machine may read the metrics, and none that a proxy passes on */
const answerMetrics = (
  { registry }: Series,
  gauges: ReturnType<typeof createStoreGauges>,
  token: string | null,
): ((request: MetricsRequest) => Promise<MetricsAnswer>) => {
  let isStarted = false;
  return async ({ authorization = '', address, isForwarded }) => {
    if (token !== null && !isSame(authorization, `Bearer ${token}`)) {
      return refusal(401, 'authorization: the token of METRICS_TOKEN is needed');
    }
    if (token === null && (isForwarded || !LOOPBACK.test(address))) {
      return refusal(403, 'metrics are for this machine only: set METRICS_TOKEN');
    }
    // Those of the process cost something, so they begin with the first reader.
    if (!isStarted) collectDefaultMetrics({ register: registry });
    isStarted = true;
    await gauges.refresh();
    return { status: 200, type: registry.contentType, body: await registry.metrics() };
  };
};

/** In a time that says nothing about the contents. */
const isSame = (given: string, wanted: string): boolean => {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
};
