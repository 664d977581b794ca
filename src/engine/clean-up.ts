/**
 * Removes what finished jobs left in their databases. The store records which jobs need cleaning up, so none is
 * forgotten across a restart; a cleanup that fails is retried later. The table of records is dropped one minute after
 * the last job of a database has ended, and when the server stops.
 * sweep.ts finds what has no record here; mend.ts removes triggers that make writes fail.
 */
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import { SERVER_REACH } from '../jobs/access.ts';
import type { Registry } from '../jobs/registry.ts';
import { sleep } from '../sleep.ts';
import type { EndedJob, KnownDatabase, Position, Store } from '../store/store.ts';
import type { Databases, EnvironmentOf } from './databases.ts';
import { startMend } from './mend.ts';
import { createNotifier } from './notifier.ts';
import type { Runner } from './runner.ts';
import { fileOf, startSweep } from './sweep.ts';
import { DATABASE } from './work-protocol.ts';

export interface CleanUpOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly runner: Runner;
  readonly log: Logger;
  readonly environmentOf: EnvironmentOf;
  /** Other servers clean up the databases on their own disks. */
  readonly isHere: Databases['isHere'];
}

export interface CleanUp {
  /** Runs one more cleanup, limited to work that takes negligible time. */
  stop(): Promise<void>;
}

/** How long the table of records stays after the last job has ended, since another job may follow soon. */
const RECORDS_MS = 60_000;
const RETRY_MS = 60_000;
/** How often to check whether the file of a database has been replaced, or a database registered. */
const LOOK_MS = 5_000;
const STOP_MS = 2_000;
const JOBS_AT_ONCE = 100;

export const startCleanUp = (options: CleanUpOptions): CleanUp => {
  const stopping = new AbortController();
  const ended = createNotifier();
  let head = -1;
  const ignore = options.store.onCommit((commit) => {
    if (commit.head !== head) ended.notify();
    head = commit.head;
  });
  const state: State = { retryAt: new Map(), emptyAt: new Map() };
  const working = Promise.all([
    repeat(options, stopping.signal, () => cleanUpEnded(options, state, performance.now()), ended),
    repeat(options, stopping.signal, startSweep(options)),
    repeat(options, stopping.signal, startMend(options)),
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
  let after: Position | null = null;
  for (;;) {
    const jobs: readonly EndedJob[] = await options.store.pendingCleanups(JOBS_AT_ONCE, after);
    for (const job of jobs) {
      const isDue = options.isHere(job.database) && (state.retryAt.get(job.id) ?? 0) <= now;
      if (isDue) await cleanUpJob(options, state, job);
    }
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
  const environment = environmentOf(job.database, SERVER_REACH);
  await runner.ask(job.typeName, 'cleanUp', work, environment, when);
};
