/**
 * Claims jobs and has them run: `tick` asks the store what is to be done, starts what was claimed and stops what was
 * asked to stop. It is called after every commit that appended events, when a wait is over, and when a job lets go.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Vault } from '../auth/vault.ts';
import { messageOf, SignalboxError } from '../errors.ts';
import type { Instant } from '../jobs/job.ts';
import { Transient } from '../jobs/kind.ts';
import type { Registry } from '../jobs/registry.ts';
import type { Claimed, Saved, Store } from '../store/store.ts';
import type { EnvironmentOf } from './databases.ts';
import { execute, type Keep, type Opened, type Outcome } from './execute.ts';
import type { Threads } from './runner.ts';

export interface WorkerOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly threads: Threads;
  readonly log: Logger;
  readonly name: string;
  /** Jobs that run at once, those without an end not counted. */
  readonly slots: number;
  readonly leaseMs: number;
  readonly vault: Vault;
  readonly environmentOf: EnvironmentOf;
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
  readonly continuous: boolean;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Undoing never waits for a place among running jobs; so many undo at once. */
const REVERTING_PLACES = 8;
const STORE_RETRY_MS = 1_000;
/** While a job waits for its next attempt: a RESUME that ends the wait appends no event, and is found by looking. */
const LOOK_EVERY_MS = 1_000;

export const startWorker = async (options: WorkerOptions): Promise<JobWorker> => {
  const { store, registry, log, now } = options;
  /** Those whose claim was lost and that have not stopped yet are among them, beside a newer claim of the same job. */
  const running = new Set<Running>();
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
    timer = setTimeout(tick, Math.min(Math.max(ms, 1), LOOK_EVERY_MS));
  };

  const claimOnce = async () => {
    const types = registry.kinds.map(({ typeName }) => typeName);
    const holding = [...running].map(({ claimed }) => claimed.claim.jobId);
    const answer = await store.claim(sessionId, { ...free(), types, holding }, now());
    for (const claimed of answer.claimed) start(claimed);
    const requested = new Set(answer.requested);
    for (const { claimed, stop } of running) {
      if (requested.has(claimed.claim.jobId) && claimed.task !== 'release') stop.abort();
    }
    if (answer.nextAttemptInMs !== null) wakeIn(answer.nextAttemptInMs);
  };

  const free = () => {
    const all = [...running];
    const taken = (task: Claimed['task']) =>
      all.filter(({ claimed, continuous }) => claimed.task === task && !continuous).length;
    return {
      running: Math.max(0, options.slots - taken('run')),
      reverting: Math.max(0, REVERTING_PLACES - taken('revert')),
    };
  };

  const start = (claimed: Claimed) => {
    const stop = new AbortController();
    const continuous = registry.find(claimed.typeName)?.continuous === true;
    const ended = runToEnd(claimed, stop.signal)
      .catch((error) => log.error({ err: error, jobId: claimed.claim.jobId }, 'a job was left without a report'))
      .finally(() => {
        running.delete(job);
        if (!stopping.signal.aborted) void tick();
      });
    const job = { claimed, continuous, stop, ended };
    running.add(job);
  };

  const runToEnd = async (claimed: Claimed, signal: AbortSignal) => {
    const { claim } = claimed;
    const jobLog = log.child({ jobId: claim.jobId, epoch: claim.epoch });
    jobLog.debug({ task: claimed.task }, 'claimed');
    const outcome = await executeAnywhere(claimed, signal, jobLog);
    if (outcome === null) return jobLog.warn('the claim was lost: let go');
    const settled = { ...outcome, actor: options.name };
    const status = await untilStored(() => store.settle(claim, settled, now()), jobLog, stopping.signal);
    // A pause came before the target was entered: it is true only then. When this worker stops, the next one sees to it.
    if (status === 'PAUSE_REQUESTED') {
      if (!stopping.signal.aborted) start({ ...claimed, task: 'release' });
      return;
    }
    jobLog.info({ report: outcome.report, status, error: outcome.error }, 'settled');
  };

  const executeAnywhere = async (claimed: Claimed, signal: AbortSignal, jobLog: Logger): Promise<Outcome> => {
    const { claim } = claimed;
    const slots = options.environmentOf(claimed.database, claimed.ownerIsAdmin);
    const keep: Keep = {
      save: (saved: Saved) => kept(() => store.save(claim, saved, now()), null, jobLog),
      markCommitting: (saved) => kept(() => store.markCommitting(claim, saved, now()), false, jobLog),
      warn: (message) => jobLog.warn(message),
    };
    const { secrets, ...plain } = claimed;
    let opened: Opened;
    try {
      opened =
        secrets === undefined || claimed.task === 'release'
          ? plain
          : { ...plain, secrets: options.vault.open(secrets) };
    } catch (error) {
      return { report: WHEN_SEALED[claimed.task], fenceAcquired: false, error: messageOf(error) };
    }
    try {
      const kind = registry.get(claimed.typeName);
      if (kind.inline) return await execute(kind, opened, slots, keep, signal);
      return await options.threads.execute(opened, slots, keep, signal);
    } catch (error) {
      jobLog.error({ err: error }, 'the work ended by itself');
      return { report: WHEN_BROKEN[claimed.task], error: messageOf(error) };
    }
  };

  /** A store that fails is no fault of the work's: that is tried again or, while this worker stops, by the next one. */
  const kept = async <T>(write: () => Promise<T>, claimLost: T, jobLog: Logger): Promise<T> => {
    try {
      return await untilStored(write, jobLog, stopping.signal);
    } catch (error) {
      if (isUnavailable(error)) return claimLost;
      jobLog.error({ err: error }, 'the job store failed');
      throw new Transient('the job store failed');
    }
  };

  let beating = false;
  const beat = async () => {
    // A store that is slow must not have one session replaced twice.
    if (beating) return;
    beating = true;
    try {
      if (!(await store.heartbeat(sessionId, options.leaseMs, now()))) {
        log.warn('this worker was thought dead: its claims are lost');
        for (const { stop } of running) stop.abort();
        sessionId = await startSession(options);
      }
      // It may have declared others dead, which is told by no event.
      void tick();
    } catch (error) {
      log.error({ err: error }, 'the heartbeat failed');
    }
    beating = false;
  };
  const beats = setInterval(beat, options.leaseMs / 3);

  const ignore = store.onCommit(wakeOnEvents(tick));
  void tick();
  return {
    get claiming() {
      return !stopping.signal.aborted;
    },
    stop: async () => {
      ignore();
      stopping.abort();
      await ticking;
      clearTimeout(timer);
      for (const { stop } of running) stop.abort();
      await Promise.all([...running].map(({ ended }) => ended));
      clearInterval(beats);
      await store.endSession(sessionId, now());
    },
  };
};

/** What is reported of a task whose thread ended under it, or that this server has no kind for. */
const WHEN_BROKEN = { run: 'retry', revert: 'revertFailed', release: 'stopped' } as const;

/** What is reported of a job whose secrets cannot be opened: the setting may be put right. */
const WHEN_SEALED = { ...WHEN_BROKEN, run: 'pauseAsked' } as const;

/** Progress is no event: only a commit that moved the log's end can have made work. */
const wakeOnEvents = (tick: () => Promise<void>) => {
  let head = -1;
  return (commit: { readonly head: number }) => {
    if (commit.head === head) return;
    head = commit.head;
    void tick();
  };
};

const startSession = async ({ store, registry, name, now }: WorkerOptions) => {
  const id = randomUUID();
  await store.startSession({ id, name, types: registry.kinds.map(({ typeName }) => typeName) }, now());
  return id;
};

const isUnavailable = (error: unknown) => error instanceof SignalboxError && error.code === 'UNAVAILABLE';

/** A store that is full or locked keeps its workers waiting, not failing: what they did is safe where they did it. */
const untilStored = async <T>(write: () => Promise<T>, log: Logger, signal: AbortSignal): Promise<T> => {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isUnavailable(error) || signal.aborted) throw error;
      log.warn({ err: error }, 'the job store is unavailable: trying again');
      await new Promise((resolve) => setTimeout(resolve, STORE_RETRY_MS));
    }
  }
};
