/**
 * What is in the job store, for all servers on it: the same on each. It is read at most every five seconds, and less
 * often the longer it takes, so that scrapes of a store with millions of jobs cost one percent of a reader.
 */
import { stat, statfs } from 'node:fs/promises';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Access } from '../../jobs/access.ts';
import { type Condition, EVERYTHING as EVERY_JOB } from '../../jobs/filter.ts';
import { type Instant, JOB_TYPES, type Job } from '../../jobs/job.ts';
import { JOB_STATUSES, type JobStatus } from '../../jobs/status.ts';
import type { Store } from '../../store/store.ts';

export interface StoreGaugesOptions {
  readonly store: Pick<Store, 'countByStatus' | 'jobs' | 'size'>;
  /** The file of an embedded store. */
  readonly storeFile: string | null;
  readonly dataDir: string;
  readonly now: () => Instant;
  readonly onError: (error: unknown) => void;
}

const EVERYTHING: Access = { sees: 'all', controls: [], userName: '' };
const FRESH_MS = 5_000;
const SHARE = 100;
/** Of paused jobs and running changefeeds, the oldest so many are read. */
const MOST_JOBS = 200;

export const createStoreGauges = (registry: Registry, options: StoreGaugesOptions): { refresh(): Promise<void> } => {
  const { store, storeFile, dataDir, now, onError } = options;
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers: [registry] });
  const jobs = gauge('signalbox_jobs', 'Jobs in the job store.', ['type', 'status']);
  const queueAge = gauge(
    'signalbox_oldest_pending_job_age_seconds',
    'Age of the oldest PENDING job; 0: there is none.',
  );
  const pausedAge = gauge(
    'signalbox_oldest_paused_job_seconds',
    'How long the job that was paused first has been PAUSED, among the 200 oldest; 0: there is none.',
  );
  const lag = gauge(
    'signalbox_changefeed_lag_seconds',
    'How old the changes are up to which a running changefeed has been read, for the 200 oldest.',
    ['job_id', 'database'],
  );
  const bytes = gauge('signalbox_store_bytes', 'Size of the job store, without its write-ahead log.');
  const walBytes = gauge('signalbox_store_wal_bytes', 'Size of the write-ahead log of an embedded job store.');
  const freeBytes = gauge('signalbox_data_free_bytes', 'Free space in the file system of the data folder.');
  const failures = new Counter({
    name: 'signalbox_store_collection_failures_total',
    help: 'Failed readings of the gauges of the job store and the disk.',
    registers: [registry],
  });

  const oldest = async (where: Condition): Promise<readonly Job[]> => {
    const page = {
      direction: 'ascending',
      after: null,
      before: null,
      limit: MOST_JOBS,
      orderBy: 'CREATED_AT',
    } as const;
    return (await store.jobs({ ...page, where }, EVERYTHING)).jobs;
  };
  const withStatus = (status: JobStatus): Condition => ({ is: 'equals', field: 'status', value: status });
  const ageOf = (since: readonly Instant[]) =>
    since.length === 0 ? 0 : Math.max(0, now() - Math.min(...since)) / 1_000;

  const readers: readonly (() => Promise<void>)[] = [
    async () => {
      const counts = await store.countByStatus(EVERYTHING, EVERY_JOB);
      for (const type of JOB_TYPES) for (const status of JOB_STATUSES) jobs.set({ type, status }, 0);
      for (const { type, status, count } of counts) jobs.set({ type, status }, count);
    },
    async () =>
      queueAge.set(ageOf((await oldest(withStatus('PENDING'))).slice(0, 1).map(({ createdAt }) => createdAt))),
    // Nothing is written to a job while it is paused.
    async () => pausedAge.set(ageOf((await oldest(withStatus('PAUSED'))).map(({ modifiedAt }) => modifiedAt))),
    async () => {
      const isFeed: Condition = { is: 'equals', field: 'type', value: 'CHANGEFEED' };
      const feeds = await oldest({ is: 'all', of: [isFeed, withStatus('RUNNING')] });
      lag.reset();
      for (const { id, database, counters } of feeds) {
        const highWater = counters.find(({ name }) => name === 'highWater')?.value;
        if (highWater !== undefined) lag.set({ job_id: id, database: database ?? '' }, ageOf([highWater]));
      }
    },
    async () => bytes.set(await store.size()),
    async () => {
      if (storeFile !== null) walBytes.set((await stat(`${storeFile}-wal`).catch(() => ({ size: 0 }))).size);
      const { bavail, bsize } = await statfs(dataDir);
      freeBytes.set(bavail * bsize);
    },
  ];
  const read = async () => {
    const began = performance.now();
    for (const reader of readers) {
      // The others are read even so, and what could not be read keeps its last value.
      await reader().catch((error) => {
        failures.inc();
        onError(error);
      });
    }
    freshUntil = performance.now() + Math.max(FRESH_MS, (performance.now() - began) * SHARE);
  };
  let freshUntil = 0;
  let reading: Promise<void> | null = null;
  return {
    refresh: async () => {
      if (performance.now() < freshUntil) return;
      reading ??= read().finally(() => {
        reading = null;
      });
      await reading;
    },
  };
};
