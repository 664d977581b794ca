/**
 * Claims jobs and has them run: `tick` asks the store what is to be done, starts what was claimed and stops what was
 * asked to stop. It is called after every commit that appended events, when a wait is over, and when a job lets go.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { messageOf, SignalboxError } from '../errors.ts';
import type { Instant } from '../jobs/job.ts';
import type { Places } from '../jobs/kind.ts';
import type { Registry } from '../jobs/registry.ts';
import type { Claimed, KnownDatabase, Saved, Store } from '../store/store.ts';
import { drive, type Keep, type Outcome } from './run.ts';
import type { Threads } from './threads.ts';

export interface WorkerOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly threads: Threads;
  readonly log: Logger;
  readonly name: string;
  /** Jobs that run at once, those without an end not counted. */
  readonly places: number;
  readonly leaseMs: number;
  readonly placesOf: (database: KnownDatabase | null) => Places;
  readonly now: () => Instant;
}

export interface JobWorker {
  /** Whether it claims jobs: its session lives. */
  readonly claiming: boolean;
  /** Asks every job to save and let go, and waits until they have. */
  stop(): Promise<void>;
}

interface Running {
  readonly claimed: Claimed;
  readonly endless: boolean;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Undoing never waits for a place among running jobs; so many undo at once. */
const REVERTING_PLACES = 8;
const STORE_RETRY_MS = 1_000;

export const startWorker = async (options: WorkerOptions): Promise<JobWorker> => {
  const { store, registry, log, now } = options;
  const running = new Map<string, Running>();
  const stopping = new AbortController();
  let sessionId = await startSession(options);
  let ticking: Promise<void> | null = null;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const tick = (): Promise<void> => {
    again = true;
    ticking ??= (async () => {
      while (again && !stopping.signal.aborted) {
        again = false;
        await claimOnce().catch((error) => {
          log.error({ err: error }, 'claiming failed');
          wakeIn(STORE_RETRY_MS);
        });
      }
      ticking = null;
    })();
    return ticking;
  };

  const wakeIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(tick, Math.min(Math.max(ms, 1), 60_000));
  };

  const claimOnce = async () => {
    const answer = await store.claim(sessionId, free(), now());
    for (const claimed of answer.claimed) start(claimed);
    for (const jobId of answer.requested) running.get(jobId)?.stop.abort();
    if (answer.nextAttemptAt !== null) wakeIn(answer.nextAttemptAt - now());
  };

  const free = () => {
    const all = [...running.values()];
    const taken = (task: Claimed['task']) =>
      all.filter(({ claimed, endless }) => claimed.task === task && !endless).length;
    return {
      running: Math.max(0, options.places - taken('run')),
      reverting: Math.max(0, REVERTING_PLACES - taken('revert')),
    };
  };

  const start = (claimed: Claimed) => {
    const stop = new AbortController();
    const kind = registry.find(claimed.typeName);
    const ended = runToEnd(claimed, stop.signal)
      .catch((error) => log.error({ err: error, jobId: claimed.claim.jobId }, 'a job was left without a report'))
      .finally(() => {
        running.delete(claimed.claim.jobId);
        if (!stopping.signal.aborted) void tick();
      });
    running.set(claimed.claim.jobId, { claimed, endless: kind?.endless === true, stop, ended });
  };

  const runToEnd = async (claimed: Claimed, signal: AbortSignal) => {
    const { claim } = claimed;
    const jobLog = log.child({ jobId: claim.jobId, epoch: claim.epoch });
    jobLog.debug({ task: claimed.task }, 'claimed');
    const outcome = await driveAnywhere(claimed, signal, jobLog);
    if (outcome === null) return jobLog.warn('the claim was lost: let go');
    const settled = { ...outcome, actor: options.name };
    const status = await untilStored(() => store.settle(claim, settled, now()), jobLog, stopping.signal);
    jobLog.info({ report: outcome.report, status, error: outcome.error }, 'settled');
  };

  const driveAnywhere = async (claimed: Claimed, signal: AbortSignal, jobLog: Logger): Promise<Outcome> => {
    const { claim } = claimed;
    const places = options.placesOf(claimed.database);
    const keep: Keep = {
      save: (saved: Saved) => untilStored(() => store.save(claim, saved, now()), jobLog, signal),
      markCommitting: (saved) => untilStored(() => store.markCommitting(claim, saved, now()), jobLog, signal),
      warn: (message) => jobLog.warn(message),
    };
    try {
      const kind = registry.get(claimed.typeName);
      if (kind.inPlace) return await drive(kind, claimed, places, keep, signal);
      return await options.threads.drive(claimed, places, keep, signal);
    } catch (error) {
      jobLog.error({ err: error }, 'the work ended by itself');
      return { report: claimed.task === 'revert' ? 'undoingFailed' : 'retry', error: messageOf(error) };
    }
  };

  const beat = setInterval(async () => {
    try {
      if (await store.heartbeat(sessionId, options.leaseMs, now())) return;
      log.warn('this worker was thought dead: its claims are lost');
      for (const { stop } of running.values()) stop.abort();
      sessionId = await startSession(options);
      await tick();
    } catch (error) {
      log.error({ err: error }, 'the heartbeat failed');
    }
  }, options.leaseMs / 3);

  const ignore = store.onCommit(wakeOnEvents(tick));
  void tick();
  return {
    get claiming() {
      return !stopping.signal.aborted;
    },
    stop: async () => {
      ignore();
      stopping.abort();
      clearTimeout(timer);
      await ticking;
      for (const { stop } of running.values()) stop.abort();
      await Promise.all([...running.values()].map(({ ended }) => ended));
      clearInterval(beat);
      await store.endSession(sessionId, now());
    },
  };
};

/** Progress is no event: only a commit that moved the log's end can have made work. */
const wakeOnEvents = (tick: () => Promise<void>) => {
  let head = -1;
  return (commit: { readonly head: number }) => {
    if (commit.head === head) return;
    head = commit.head;
    void tick();
  };
};

const startSession = async ({ store, name, now }: WorkerOptions) => {
  const id = randomUUID();
  await store.startSession({ id, name }, now());
  return id;
};

/** A store that is full or locked keeps its workers waiting, not failing: what they did is safe where they did it. */
const untilStored = async <T>(write: () => Promise<T>, log: Logger, signal: AbortSignal): Promise<T> => {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof SignalboxError && error.code === 'UNAVAILABLE') || signal.aborted) throw error;
      log.warn({ err: error }, 'the job store is unavailable: trying again');
      await new Promise((resolve) => setTimeout(resolve, STORE_RETRY_MS));
    }
  }
};
