/**
 * Removes jobs and events whose retention has expired: jobs a given time after they end, events a given time after they
 * happen. It writes no events itself: the removal of a job is not a change of its status.
 *
 * Events are removed in the order of their cursors, up to the first that is too young. Events of unfinished jobs are
 * skipped and kept, however old, until a later round finds the job ended. The greatest cursor ever removed is the
 * horizon:
 *
 *     1 2 3 4 5 6 7 │ 8 9 10 …          3 and 5: of an unfinished job
 *         3   5   ↑ horizon = 7         8: the first that is too young, or the next to be removed
 *
 * The log is complete after the horizon: reading `after` the horizon or any later cursor misses nothing. Reading
 * `after` an earlier cursor would miss events, and fails with CURSOR_EXPIRED. The log as a whole, in jobEvents and in
 * streams, therefore begins after the horizon; the events that remain below it are read only through their job. If the
 * clock once ran ahead, its events seem young for a long time: later events then stay too long, and none is removed too
 * early. Cursors are never reused, whatever is removed (AUTOINCREMENT).
 *
 * Everything is removed in small transactions of a few milliseconds, with pauses between them that are longer than they
 * are, so that no other write waits long. Each transaction is complete in itself: if the server is stopped or killed
 * between two, the next run continues.
 */
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { EventCursor, Instant } from '../jobs/job.ts';
import type { Registry } from '../jobs/registry.ts';
import { sleep } from '../sleep.ts';
import type { EndedJob, Position, Store } from '../store/store.ts';
import { askCleanUp } from './clean-up.ts';
import type { Databases, EnvironmentOf } from './databases.ts';
import type { Runner } from './runner.ts';

export interface RetentionOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly runner: Runner;
  readonly log: Logger;
  /** How long jobs are kept after they end. */
  readonly retentionMs: number;
  /** How long events are kept. */
  readonly auditMs: number;
  readonly environmentOf: EnvironmentOf;
  readonly isHere: Databases['isHere'];
  readonly now: () => Instant;
}

export interface Retention {
  /** Returns after the transaction in progress. */
  stop(): Promise<void>;
}

const EVERY_MS = 60 * 60 * 1_000;
const RETRY_MS = 60 * 1_000;
const JOBS_AT_ONCE = 100;
const EVENTS_AT_ONCE = 500;
const COMMANDS_AT_ONCE = 100;
/** How long the answer to a command is kept, for a client that lost it and repeats the command. */
const COMMANDS_KEPT_MS = 3 * 24 * 60 * 60 * 1_000;
/** The pause between two batches is this many times as long as the batch took, within these bounds. */
const THROTTLE_FACTOR = 4;
const MIN_THROTTLE_MS = 10;
const MAX_THROTTLE_MS = 1_000;
/** The minimum retention of events, however short the setting: it gives all listeners time to read them. */
const LEAST_AUDIT_MS = 60 * 1_000;
/** A job whose database cannot be cleaned up now is kept this much longer, and the cleanup is retried. */
const GRACE_MS = 24 * 60 * 60 * 1_000;

export const startRetention = (options: RetentionOptions): Retention => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const go = async () => {
    while (!signal.aborted) {
      const next = await goRound(options, signal).then(
        () => EVERY_MS,
        (error) => {
          options.log.error({ err: error }, 'retention failed');
          return RETRY_MS;
        },
      );
      await throttle(next, signal);
    }
  };
  const going = go();
  return {
    stop: async () => {
      stopping.abort();
      await going;
    },
  };
};

/** Jobs are removed first: their events then need not be kept for them. */
const goRound = async (options: RetentionOptions, signal: AbortSignal) => {
  const { log, retentionMs, auditMs, now } = options;
  const at = now();
  const jobs = await removeJobs(options, at - retentionMs, signal);
  const events = await removeEvents(options, at - Math.max(auditMs, LEAST_AUDIT_MS), signal);
  await removeCommands(options, at - COMMANDS_KEPT_MS, signal);
  await removeAuditEvents(options, at - Math.max(auditMs, LEAST_AUDIT_MS), signal);
  if (jobs + events > 0) log.info({ jobs, events }, 'removed by retention');
};

const removeJobs = (options: RetentionOptions, by: Instant, signal: AbortSignal) =>
  inBatches<Position>(signal, async (after) => {
    const jobs = await options.store.endedJobs(by, after, JOBS_AT_ONCE);
    const cleared: EndedJob[] = [];
    for (const job of jobs) {
      // The server that has the database removes the job, unless it stays away.
      const isClear = options.isHere(job.database) && (await clearTarget(options, job, signal));
      if (signal.aborted) break;
      if (isClear || job.finishedAt < by - GRACE_MS) cleared.push(job);
    }
    const ids = cleared.map(({ id }) => id);
    const removed = ids.length === 0 ? 0 : await options.store.removeJobs(ids, by);
    const last = jobs.at(-1);
    return { removed, position: last === undefined ? null : [last.finishedAt, Number(last.id)] };
  });

const removeEvents = ({ store }: RetentionOptions, by: Instant, signal: AbortSignal) =>
  inBatches<EventCursor>(signal, async (after) => {
    const { removed, upTo } = await store.removeEvents(by, after ?? 0, EVENTS_AT_ONCE);
    return { removed, position: upTo };
  });

/** These batches have no position to continue from: each removes the oldest, until one finds fewer than its limit. */
const removeCommands = ({ store }: RetentionOptions, by: Instant, signal: AbortSignal) =>
  inBatches<true>(signal, async () => {
    const removed = await store.removeCommands(by, COMMANDS_AT_ONCE);
    return { removed, position: removed < COMMANDS_AT_ONCE ? null : true };
  });

const removeAuditEvents = ({ store }: RetentionOptions, by: Instant, signal: AbortSignal) =>
  inBatches<true>(signal, async () => {
    const removed = await store.removeAuditEvents(by, EVENTS_AT_ONCE);
    return { removed, position: removed < EVENTS_AT_ONCE ? null : true };
  });

/** Returns how many were removed, once a batch returns no position to continue from. */
const inBatches = async <P>(
  signal: AbortSignal,
  batch: (position: P | null) => Promise<{ readonly removed: number; readonly position: P | null }>,
): Promise<number> => {
  let removed = 0;
  let position: P | null = null;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const done = await batch(position);
    removed += done.removed;
    position = done.position;
    if (position === null) break;
    const tookMs = performance.now() - startedAt;
    await throttle(Math.min(MAX_THROTTLE_MS, Math.max(MIN_THROTTLE_MS, THROTTLE_FACTOR * tookMs)), signal);
  }
  return removed;
};

const throttle = (ms: number, signal: AbortSignal) => sleep(ms, signal).catch(() => undefined);

/** Removes what a job kept in its database for its readers. Returns false if that failed. */
const clearTarget = async (options: RetentionOptions, job: EndedJob, signal: AbortSignal): Promise<boolean> => {
  try {
    await unlessStopped(askCleanUp(options, job, 'removed'), signal);
    return true;
  } catch (error) {
    if (!signal.aborted)
      options.log.warn({ jobId: job.id, reason: messageOf(error) }, 'what a job left could not be removed');
    return false;
  }
};

/** A slow database must not delay the shutdown of the server. */
const unlessStopped = (work: Promise<unknown>, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    work.then(() => resolve(), reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
  });
