/**
 * Makes the runs of schedules. Every second, each server reads which are due, by the clock of the store, validates the
 * job as its owner, and creates it in the transaction that moves the schedule on. That transaction writes nothing if the
 * schedule is no longer as it was read: of several servers, or after a restart at any moment, one makes the run.
 *
 * Of the runs that have become due, the last counts. If it is not late, it is made; a late one makes up for all that were
 * missed, or none is made. A run that cannot be made now, because a storage or a server does not answer, is tried again for
 * a while; the schedule shows why. Any other refusal is final. In maintenance, only schedules of admins make runs.
 */
import type { Logger } from 'pino';
import type { Vault } from '../auth/vault.ts';
import { conflict, cutText, messageOf, notFound, SignalboxError } from '../errors.ts';
import { accessOf, requireNoMaintenance } from '../jobs/access.ts';
import type { Instant, JobId } from '../jobs/job.ts';
import type { Schedule } from '../jobs/schedule.ts';
import type { By, DueSchedules, RunOf, RunOutcome, StartedRun, Store } from '../store/store.ts';
import { CallerLeft } from './ask-in-process.ts';
import { withoutHidden } from './create.ts';
import { type CronTimes, readCron } from './cron.ts';
import { isUnavailable } from './in-doubt.ts';
import { prepareRun, type ScheduledJobOptions } from './scheduled-job.ts';
import type { Viewers } from './viewers.ts';

export interface SchedulerOptions extends ScheduledJobOptions {
  readonly store: Store;
  readonly vault: Vault;
  readonly viewers: Pick<Viewers, 'find' | 'refresh'>;
  readonly log: Logger;
  /** This server; null: the store has no other. */
  readonly node: string | null;
  /** Only admins may change anything. */
  readonly maintenance: boolean;
  readonly now: () => Instant;
}

export interface Scheduler {
  /** Looks for due runs now. Resolves when those that were found have been made. */
  tick(): Promise<void>;
  /**
   * Makes a run now, whatever the time.
   * @throws CONFLICT if the last job has not ended, and what the creation of such a job throws
   */
  run(schedule: Schedule, by: By): Promise<JobId>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
const STORE_RETRY_MS = 1_000;
/** A run is late, and counts as missed, when it was due so long ago. */
const LATE_MS = 60_000;
/** How long a run is tried again while something that it needs does not answer, and how long it waits each time. */
const RETRY_FOR_MS = 15 * 60_000;
const RETRY_MS = 5_000;
/** How many runs a server makes at once. */
const MOST_AT_ONCE = 1_000;

type Due = DueSchedules['due'][number];

/** A run that could not be made yet, of a schedule as it was read. Later times that become due meanwhile are part of it. */
interface Waiting extends Pick<Schedule, 'nextRunAt' | 'queuedAt'> {
  readonly since: Instant;
}

export const startScheduler = (options: SchedulerOptions): Scheduler => {
  const { store, log, node, now, viewers } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const busy = new Map<string, Promise<void>>();
  const waiting = new Map<string, Waiting>();
  /** Until when a schedule is not looked at, by the clock of this server. */
  const resting = new Map<string, Instant>();
  let looking: Promise<void> | null = null;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const look = (): Promise<void> => {
    again = true;
    looking ??= (async () => {
      while (again && !signal.aborted) {
        again = false;
        const next = await lookOnce().catch((error) => {
          log.error({ err: error }, 'looking for due schedules failed');
          return STORE_RETRY_MS;
        });
        clearTimeout(timer);
        if (!signal.aborted) timer = setTimeout(look, Math.min(Math.max(next, 1), LOOK_EVERY_MS));
      }
      looking = null;
    })();
    return looking;
  };

  const lookOnce = async (): Promise<number> => {
    if (busy.size >= MOST_AT_ONCE) return LOOK_EVERY_MS;
    for (const [id, until] of resting) {
      const left = until - now();
      // A clock that was set back must not make it longer.
      if (left <= 0 || left > RETRY_MS) resting.delete(id);
    }
    // The others must not wait for those that cannot be made now, however many these are.
    const { at, due, nextInMs } = await store.dueSchedules(node, now(), [...busy.keys(), ...resting.keys()]);
    if (due.length > 0) await viewers.refresh();
    for (const schedule of due) {
      if (options.maintenance && viewers.find(schedule.userName)?.isAdmin === false) {
        // Another server makes its runs, or they are missed.
        rest(schedule);
        continue;
      }
      const making = make(schedule, at)
        .then((isMade) => {
          busy.delete(schedule.id);
          // More may be due; what was not made is looked at again a little later.
          if (isMade && !signal.aborted) void look();
        })
        .catch((error) => {
          busy.delete(schedule.id);
          if (signal.aborted || error instanceof CallerLeft) return;
          log.error({ err: error, scheduleId: schedule.id }, 'a run of a schedule could not be recorded');
        });
      busy.set(schedule.id, making);
    }
    return nextInMs ?? LOOK_EVERY_MS;
  };

  const rest = ({ id }: Schedule) => void resting.set(id, now() + RETRY_MS);

  const waitOf = ({ id, nextRunAt, queuedAt }: Schedule): Waiting | undefined => {
    const wait = waiting.get(id);
    return wait?.nextRunAt === nextRunAt && wait.queuedAt === queuedAt ? wait : undefined;
  };

  const make = async (schedule: Due, at: Instant): Promise<boolean> => {
    const { nextRunAt, queuedAt, liveJobId } = schedule;
    if (queuedAt !== null && liveJobId === null) {
      return attempt(schedule, at, runOf(schedule), queuedAt, { queuedAt: null });
    }
    const run = runOf(schedule);
    let times: CronTimes;
    try {
      times = readCron(schedule.cron, schedule.timeZone);
    } catch (error) {
      // A time zone that this version of the server does not know: no time is known either until a person changes it.
      await refuse(schedule, run, { nextRunAt: null }, error);
      return true;
    }
    const dueAt = Math.max(times.upTo(at) ?? 0, nextRunAt ?? 0);
    const moved = { nextRunAt: times.after(Math.max(at, dueAt)) };
    const isTried = waitOf(schedule) !== undefined || triedSince(schedule, at) !== null;
    const isLate = at - dueAt > LATE_MS && !isTried;
    if (isLate && schedule.onMissed === 'NONE') {
      const error = `the run of ${new Date(dueAt).toISOString()} was missed: no server made runs at that time`;
      return store.passRun(run, { ...moved, error, isAttempt: false }, now());
    }
    if (liveJobId === null) return attempt(schedule, at, run, dueAt, moved);
    if (schedule.overlap === 'QUEUE') {
      return store.passRun(run, { ...moved, queuedAt: queuedAt ?? dueAt, error: null, isAttempt: false }, now());
    }
    const error = `the run of ${new Date(dueAt).toISOString()} was left out: job ${liveJobId} of the last run had not ended`;
    return store.passRun(run, { ...moved, error, isAttempt: false }, now());
  };

  /** False: it is attempted again later. */
  const attempt = async (
    schedule: Due,
    at: Instant,
    run: RunOf,
    dueAt: Instant,
    moved: RunOutcome,
  ): Promise<boolean> => {
    const { id } = schedule;
    try {
      const jobId = await start(schedule, run, { ...moved, dueAt }, dueAt);
      if (jobId !== null) log.info({ scheduleId: id, jobId, dueAt: new Date(dueAt) }, 'a schedule has created a job');
    } catch (error) {
      if (signal.aborted || error instanceof CallerLeft) throw error;
      const since = waitOf(schedule)?.since ?? triedSince(schedule, at) ?? at;
      if (isUnavailable(error) && at - since < RETRY_FOR_MS) {
        await postpone(schedule, run, since, error);
        return false;
      }
      await refuse(schedule, run, moved, error);
    }
    waiting.delete(id);
    return true;
  };

  /** Other servers, and this one after a restart, read at the schedule that the run was tried in time. */
  const postpone = async (schedule: Due, run: RunOf, since: Instant, error: unknown) => {
    const { id, nextRunAt, queuedAt } = schedule;
    waiting.set(id, { nextRunAt, queuedAt, since });
    rest(schedule);
    if (triedSince(schedule, since) !== null) return;
    await store.passRun(run, { error: cutText(messageOf(error)), isAttempt: true }, now());
  };

  const refuse = async ({ id, userName }: Schedule, run: RunOf, moved: RunOutcome, error: unknown) => {
    const isOurs = !(error instanceof SignalboxError);
    if (isOurs) log.error({ err: error, scheduleId: id }, 'a run of a schedule failed');
    const message = isOurs ? 'the server failed: the reason is in its log' : cutText(messageOf(error));
    const isWritten = await store.passRun(run, { ...moved, error: message, isAttempt: true }, now());
    if (isWritten && !isOurs)
      log.warn({ scheduleId: id, userName, reason: message }, 'a schedule could not create a job');
  };

  /** As the owner, with the privileges that the owner has now. Null: the schedule is no longer as it was read. */
  const start = async (
    schedule: Schedule,
    run: RunOf,
    started: Omit<StartedRun, 'chain'>,
    at: Instant,
    by?: By,
  ): Promise<JobId | null> => {
    const viewer = viewers.find(schedule.userName);
    if (viewer === undefined) throw notFound(`user ${schedule.userName} does not exist`);
    requireNoMaintenance(viewer, options.maintenance);
    const { date, time } = readCron(schedule.cron, schedule.timeZone).localAt(at);
    const creator = { viewer, tokenId: null, signal: () => signal };
    const values = { date, time, run: String(schedule.runs + 1) };
    const { chain, job } = await prepareRun(options, schedule, creator, values);
    return store.startRun(run, { ...started, chain }, job, now(), by).catch(async (error: unknown) => {
      const access = accessOf(viewer, { ownersControlJobs: false });
      throw await withoutHidden(error, (id) => store.job(id, access));
    });
  };

  const run = async (schedule: Schedule, by: By): Promise<JobId> => {
    const manual = runOf(schedule);
    const last = schedule.lastJobId === null ? null : await store.job(schedule.lastJobId, ALL);
    if (last !== null && last.finishedAt === null) throw liveJob(schedule, last.id);
    await viewers.refresh();
    try {
      const jobId = await start(schedule, manual, { dueAt: null }, by.at, by);
      if (jobId !== null) return jobId;
    } catch (error) {
      if (error instanceof SignalboxError) await refuse(schedule, manual, {}, error);
      throw error;
    }
    throw conflict(`schedule ${schedule.id} was changed, or has made a run, at the same time: try again`);
  };

  void look();
  return {
    tick: async () => {
      await look();
      await Promise.all(busy.values());
    },
    run,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await looking;
      await Promise.all(busy.values());
    },
  };
};

/** When a server first tried the run that is due. Null: none did, or it was so long ago that the attempts begin again. */
const triedSince = ({ nextRunAt, lastRunAt }: Schedule, at: Instant): Instant | null =>
  nextRunAt !== null && lastRunAt !== null && lastRunAt >= nextRunAt && at - lastRunAt <= RETRY_FOR_MS
    ? lastRunAt
    : null;

const ALL = { sees: 'all', controls: [], userName: '' } as const;

const liveJob = ({ id }: Schedule, jobId: JobId) =>
  conflict(`schedule ${id} has a job that has not ended: wait for job ${jobId}, or cancel it`, { jobId });

const runOf = ({ id, version, runs, nextRunAt, queuedAt }: Schedule): RunOf => ({
  scheduleId: id,
  version,
  runs,
  nextRunAt,
  queuedAt,
});
