/**
 * Claims jobs and has them executed. `tick` asks the store what to do, starts claimed jobs, and stops jobs that were
 * asked to stop. It is called after every commit that appended events, when a wait is over, and when a job is released.
 */
import { limitsOf } from '../jobs/kind-options.ts';
import { sleep } from '../sleep.ts';
import type { Claimed } from '../store/store.ts';
import { type RunOptions, runClaimed } from './run-claimed.ts';
import { startSession } from './session.ts';

export interface WorkerOptions extends RunOptions {
  /** The number of jobs that run at the same time, not counting continuous ones. */
  readonly slots: number;
  readonly leaseMs: number;
  readonly node: string | null;
  readonly version: string;
}

export interface JobWorker {
  /** Null while the worker claims jobs; otherwise why it does not. */
  readonly idle: 'stopping' | 'draining' | null;
  /** Asks every job to save and stop, and waits until all have stopped. */
  stop(): Promise<void>;
}

interface Running {
  readonly claimed: Claimed;
  readonly isContinuous: boolean;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Reverting jobs never wait for the slots of running jobs. This many jobs revert at the same time. */
const REVERTING_SLOTS = 8;
const STORE_RETRY_MS = 1_000;
/** The polling interval while a job waits for its next attempt: a RESUME that ends the wait appends no event. */
const POLL_EVERY_MS = 1_000;

export const startWorker = async (options: WorkerOptions): Promise<JobWorker> => {
  const { store, registry, log, now } = options;
  /** A job whose claim was lost stays here until it stops, possibly next to a newer claim of the same job. */
  const running = new Set<Running>();
  const stopping = new AbortController();
  let ticking: Promise<void> | null = null;
  let again = false;
  let draining = false;
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
    timer = setTimeout(tick, Math.min(Math.max(ms, 1), POLL_EVERY_MS));
  };

  const types = registry.kinds.map(({ typeName }) => typeName);
  const concurrency = limitsOf(registry.kinds);
  const session = await startSession({
    ...options,
    types,
    isDraining: () => draining,
    onLost: () => {
      for (const { stop } of running) stop.abort();
    },
    onBeat: () => void tick(),
  });

  const claimOnce = async () => {
    const { id } = session;
    if (id === null) return;
    const holding = [...running].flatMap(({ claimed: { claim } }) => (claim.sessionId === id ? [claim.jobId] : []));
    const limits = { ...freeSlots(running, options.slots), types, holding, concurrency };
    const answer = await store.claim(id, limits, now());
    draining = answer.draining;
    for (const claimed of answer.claimed) start(claimed);
    const requested = new Set(answer.requested);
    for (const { claimed, stop } of running) {
      if (requested.has(claimed.claim.jobId) && claimed.task !== 'release') stop.abort();
    }
    if (answer.nextAttemptInMs !== null) wakeIn(answer.nextAttemptInMs);
  };

  const start = (claimed: Claimed) => {
    const stop = new AbortController();
    const isContinuous = registry.find(claimed.typeName)?.continuous === true;
    const ended = runClaimed(claimed, options, stop.signal, stopping.signal)
      .then((status) => {
        // A pause came before the fence was acquired. If this worker stops, the next one handles it.
        if (status === 'PAUSE_REQUESTED' && !stopping.signal.aborted) start({ ...claimed, task: 'release' });
      })
      .catch(async (error) => {
        log.error({ err: error, jobId: claimed.claim.jobId }, 'a job was left without a report');
        // The job still counts as held: otherwise it would be claimed again at once, only to fail in the same way.
        await sleep(STORE_RETRY_MS, stopping.signal).catch(() => undefined);
      })
      .finally(() => {
        running.delete(job);
        if (!stopping.signal.aborted) void tick();
      });
    const job = { claimed, isContinuous, stop, ended };
    running.add(job);
  };

  const ignoreCommits = store.onCommit(wakeOnEvents(tick));
  void tick();
  return {
    get idle() {
      return stopping.signal.aborted ? 'stopping' : draining ? 'draining' : null;
    },
    stop: async () => {
      ignoreCommits();
      stopping.abort();
      await ticking;
      clearTimeout(timer);
      for (const { stop } of running) stop.abort();
      await Promise.all([...running].map(({ ended }) => ended));
      await session.stop();
    },
  };
};

const freeSlots = (running: ReadonlySet<Running>, slots: number) => {
  const used = (task: Claimed['task']) =>
    [...running].filter(({ claimed, isContinuous }) => claimed.task === task && !isContinuous).length;
  return {
    running: Math.max(0, slots - used('run')),
    reverting: Math.max(0, REVERTING_SLOTS - used('revert')),
  };
};

/**
 * Progress is not an event: only a commit that moved the end of the log can have created work. That this server is to
 * be drained, or that a session was declared dead, is reported like a change of users.
 */
const wakeOnEvents = (tick: () => Promise<void>) => {
  let head = -1;
  return (commit: { readonly head: number; readonly users: boolean }) => {
    if (commit.head === head && !commit.users) return;
    head = commit.head;
    void tick();
  };
};
