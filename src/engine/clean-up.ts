/**
 * Removes what finished jobs left in their databases. The store records which jobs need cleaning up, so none is
 * forgotten across a restart; a cleanup that fails is retried later. The table of records is dropped one minute after
 * the last job of a database has ended, and when the server stops.
 *
 * Each database is also swept: at startup, every hour, and when its file has been replaced. A sweep removes objects of
 * this store's jobs that have ended or that the store no longer knows. Such objects appear when an older copy of the
 * file was restored, or when the file was missing at the end of the job. Objects that belong to another store are
 * logged and never touched.
 */
import { stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { OwnedThings } from '../databases/database.ts';
import { messageOf } from '../errors.ts';
import type { Access } from '../jobs/access.ts';
import type { Job } from '../jobs/job.ts';
import type { Environment, Owner } from '../jobs/kind.ts';
import type { Registry } from '../jobs/registry.ts';
import { sleep } from '../sleep.ts';
import type { EndedJob, KnownDatabase, Place, Store } from '../store/store.ts';
import type { EnvironmentOf } from './databases.ts';
import { createNotifier } from './notifier.ts';
import type { Runner } from './runner.ts';
import { DATABASE } from './work-protocol.ts';

export interface CleanUpOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly runner: Runner;
  readonly log: Logger;
  readonly environmentOf: EnvironmentOf;
}

export interface CleanUp {
  /** Runs one more cleanup, limited to work that takes negligible time. */
  stop(): Promise<void>;
}

/** How long the table of records stays after the last job has ended, since another job may follow soon. */
const RECORDS_MS = 60_000;
const RETRY_MS = 60_000;
const SWEEP_MS = 60 * 60_000;
/** How often to check whether the file of a database has been replaced. */
const LOOK_MS = 60_000;
const STOP_MS = 2_000;
const JOBS_AT_ONCE = 100;
const ALL: Access = { sees: 'all', controls: [], userName: '' };

export const startCleanUp = (options: CleanUpOptions): CleanUp => {
  const stopping = new AbortController();
  const ended = createNotifier();
  let head = -1;
  const ignore = options.store.onCommit((commit) => {
    if (commit.head !== head) ended.now();
    head = commit.head;
  });
  const state: State = { retryAt: new Map(), emptyAt: new Map(), swept: new Map(), named: new Set() };
  const working = Promise.all([
    repeat(options, stopping.signal, () => cleanUpEnded(options, state, performance.now()), ended),
    repeat(options, stopping.signal, () => sweepAll(options, state)),
  ]);
  return {
    stop: async () => {
      ignore();
      stopping.abort();
      const last = working.then(() => cleanUpEnded(options, state, Number.POSITIVE_INFINITY)).catch(() => undefined);
      const over = new AbortController();
      await Promise.race([last, sleep(STOP_MS, over.signal).catch(() => undefined)]);
      over.abort();
    },
  };
};

interface State {
  /** For jobs whose cleanup failed. */
  readonly retryAt: Map<string, number>;
  /** When the table of records may be dropped, by database. */
  readonly emptyAt: Map<
    string,
    { readonly at: number; readonly database: KnownDatabase; readonly storeId: string | null }
  >;
  /** When a database was last swept, and the identity of its file at that time. */
  readonly swept: Map<string, { readonly at: number; readonly identity: string | null }>;
  /** Objects of other stores that have already been logged. */
  readonly named: Set<string>;
}

const repeat = async (
  { log }: CleanUpOptions,
  signal: AbortSignal,
  round: () => Promise<void>,
  notifier = createNotifier(),
) => {
  while (!signal.aborted) {
    const over = new AbortController();
    const woken = notifier.next(AbortSignal.any([signal, over.signal]));
    await round().catch((error) => log.error({ err: error }, 'cleaning up failed'));
    await Promise.race([woken, sleep(LOOK_MS, AbortSignal.any([signal, over.signal])).catch(() => undefined)]);
    over.abort();
  }
};

/** @param now on the clock of `performance.now()`; if infinite, everything that is scheduled for later is done now */
const cleanUpEnded = async (options: CleanUpOptions, state: State, now: number): Promise<void> => {
  let after: Place | null = null;
  for (;;) {
    const jobs: readonly EndedJob[] = await options.store.pendingCleanups(JOBS_AT_ONCE, after);
    for (const job of jobs) if ((state.retryAt.get(job.id) ?? 0) <= now) await cleanUpJob(options, state, job);
    const last = jobs.at(-1);
    if (last === undefined || jobs.length < JOBS_AT_ONCE) break;
    after = [last.finishedAt, Number(last.id)];
  }
  for (const [key, { at, database, storeId }] of state.emptyAt) {
    if (at > now) continue;
    state.emptyAt.delete(key);
    await options.runner
      .ask(DATABASE, 'dropRecords', fileOf(options, database), database.name, storeId)
      .catch((error) => {
        options.log.warn(
          { database: database.name, reason: messageOf(error) },
          'the table of records could not be dropped',
        );
      });
  }
};

const cleanUpJob = async (options: CleanUpOptions, state: State, job: EndedJob): Promise<void> => {
  try {
    await askCleanUp(options, job, 'ended');
    await options.store.cleanedUp(job.id);
    state.retryAt.delete(job.id);
    if (job.database === null) return;
    const { database, storeId } = job;
    state.emptyAt.set(`${database.name} ${storeId}`, { at: performance.now() + RECORDS_MS, database, storeId });
  } catch (error) {
    state.retryAt.set(job.id, performance.now() + RETRY_MS);
    options.log.warn({ jobId: job.id, reason: messageOf(error) }, 'what a job left could not be removed yet');
  }
};

/** @param when `removed`: also removes what a job keeps for its readers */
export const askCleanUp = async (
  { registry, runner, environmentOf }: Pick<CleanUpOptions, 'registry' | 'runner' | 'environmentOf'>,
  job: EndedJob,
  when: 'ended' | 'removed',
): Promise<void> => {
  const kind = registry.find(job.typeName);
  if (kind?.cleanUp === undefined) return;
  const { id: jobId, epoch, storeId, details, checkpoint } = job;
  const work = { details, checkpoint, claim: { jobId, epoch, storeId } };
  const environment = environmentOf(job.database, false);
  await runner.ask(job.typeName, 'cleanUp', work, environment, when);
};

const sweepAll = async (options: CleanUpOptions, state: State): Promise<void> => {
  const now = performance.now();
  for (const database of await options.store.databases()) {
    const identity = await identityOf(fileOf(options, database));
    const known = state.swept.get(database.name);
    if (identity === null || (known?.identity === identity && now - known.at < SWEEP_MS)) continue;
    try {
      await sweep(options, state, database);
      state.swept.set(database.name, { at: now, identity });
    } catch (error) {
      options.log.warn({ database: database.name, reason: messageOf(error) }, 'a database could not be swept yet');
    }
  }
};

const sweep = async (options: CleanUpOptions, state: State, database: KnownDatabase): Promise<void> => {
  const { store, runner, log } = options;
  const file = fileOf(options, database);
  const found = await runner.ask<readonly OwnedThings[]>(DATABASE, 'listOwned', file, database.name);
  const ids = [...new Set(found.map(({ owner }) => owner.jobId))];
  const jobs = new Map((await store.jobsById(ids, ALL)).map((job) => [job.id, job]));
  for (const things of found) {
    const { owner, objects } = things;
    const job = jobs.get(owner.jobId);
    if (!isOfStore(owner, job, store.id)) {
      const key = `${database.name} ${owner.storeId} ${owner.jobId}`;
      if (state.named.has(key)) continue;
      state.named.add(key);
      log.info({ database: database.name, ...owner, names: objects.map(({ name }) => name) }, 'left by another store');
      continue;
    }
    // What a finished job keeps for its readers is removed together with the job.
    const left = job === undefined ? objects : objects.filter(({ isKept }) => !isKept);
    if (job?.finishedAt === null || (left.length === 0 && !things.hasRecord)) continue;
    log.info({ database: database.name, ...owner, names: left.map(({ name }) => name) }, 'removing what a job left');
    await runner.ask(DATABASE, 'removeOwned', file, database.name, { ...things, objects: left });
  }
  for (const storeId of new Set([store.id, ...found.map(({ owner }) => owner.storeId).filter((id) => id === null)])) {
    if (!found.some(({ owner }) => owner.storeId === storeId && jobs.get(owner.jobId)?.finishedAt === null)) {
      await runner.ask(DATABASE, 'dropRecords', file, database.name, storeId);
    }
  }
};

/** Names without a store id belong to a job created before stores had ids: it is this store's if the store knows it. */
const isOfStore = ({ storeId }: Owner, job: Job | undefined, ownId: string): boolean =>
  storeId === null ? job !== undefined : storeId === ownId;

/** Only SQLite databases are cleaned up here. */
const placeFile = ({ database }: Environment): string => (database?.engine === 'sqlite' ? database.file : '');

const fileOf = ({ environmentOf }: CleanUpOptions, database: KnownDatabase): string =>
  placeFile(environmentOf(database, false));

const identityOf = async (file: string): Promise<string | null> => {
  const found = await stat(file, { bigint: true }).catch(() => null);
  return found === null ? null : `${found.dev}:${found.ino}`;
};
