/**
 * Executes a job in a work process. The process is killed when the job continues after a request to stop, or when it
 * holds a target's lock without completing a step. The database rolls back the transaction that a killed process had
 * open.
 */
import { messageOf } from '../errors.ts';
import type { Environment } from '../jobs/kind.ts';
import type { Claimed, Saved } from '../store/store.ts';
import type { ClaimedJob, Opened, Outcome } from './execute.ts';
import type { Processes } from './processes.ts';
import { noStepFor, STOP_MS } from './progress-limit.ts';
import type { WorkProcess } from './work-process.ts';
import type { KindName } from './work-protocol.ts';

export interface Execution {
  readonly kind: KindName;
  readonly isContinuous: boolean;
  /** See `Kind`. The process stops the job itself, if it can; otherwise it is killed. */
  readonly progressTimeoutMs?: number | undefined;
  readonly claimed: Opened;
  readonly environment: Environment;
  readonly job: ClaimedJob;
  readonly signal: AbortSignal;
}

/** Between two saves, while a job takes steps, and for the calls between the processes. */
const UNSAVED_MS = 1_000;
const COMMITTING_STOP_MS = 5_000;
/** After this many kills of a revert, the report includes what it was doing. */
const NAMED_AFTER_KILLS = 3;

let lastRun = 0;

/** `kills` counts how many times each job's revert was killed. */
export const executeInProcess = async (
  execution: Execution,
  processes: Processes,
  kills: Map<string, number>,
): Promise<Outcome> => {
  const { kind, isContinuous, claimed, environment, signal } = execution;
  const process = processes.take(isContinuous ? 'continuous' : 'job');
  lastRun += 1;
  const run = lastRun;
  const watch = watchRun(execution, process);
  process.jobs.set(run, watch.job);
  try {
    const outcome = await process.thread.call('execute', [run, kind, claimed, environment], signal);
    if (outcome?.report !== 'stopped') kills.delete(claimed.claim.jobId);
    return outcome;
  } catch (error) {
    return { ...watch.outcomeOf(error, kills), ...(watch.isFenceAcquired() ? {} : { fenceAcquired: false }) };
  } finally {
    watch.end();
    process.jobs.delete(run);
    processes.release(process);
  }
};

const watchRun = ({ claimed, job, signal, progressTimeoutMs }: Execution, process: WorkProcess) => {
  let killedFor: 'stop' | string | null = null;
  let isCommitting = false;
  let isFenceAcquired = false;
  let isEnded = false;
  let message: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let progress: NodeJS.Timeout | undefined;
  const kill = (why: 'stop' | string) => {
    killedFor ??= why;
    void process.kill(why === 'stop' ? 'stop' : undefined);
  };
  const stop = () => {
    clearTimeout(timer);
    timer = setTimeout(() => kill('stop'), isCommitting ? COMMITTING_STOP_MS : STOP_MS);
  };
  const expectProgress = () => {
    if (progressTimeoutMs === undefined || isEnded) return;
    const reason = noStepFor(progressTimeoutMs);
    clearTimeout(progress);
    progress = setTimeout(() => kill(reason), progressTimeoutMs + UNSAVED_MS + STOP_MS);
  };
  /** While the store is busy, no progress is expected. */
  const note = <T>(saved: Saved, answer: Promise<T>): Promise<T> => {
    message = saved.message ?? message;
    clearTimeout(progress);
    return answer.finally(expectProgress);
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return {
    job: {
      ...job,
      save: (saved: Saved) => note(saved, job.save(saved)),
      markCommitting: async (saved: Saved) => {
        isCommitting = await note(saved, job.markCommitting(saved));
        if (signal.aborted) stop();
        return isCommitting;
      },
      fenceAcquired: () => {
        isFenceAcquired = true;
        expectProgress();
      },
      stuck: (seconds: number) => kill(`no step for ${seconds} s while it held a lock of its database`),
    },
    isFenceAcquired: () => isFenceAcquired,
    end: () => {
      clearTimeout(timer);
      clearTimeout(progress);
      isEnded = true;
      signal.removeEventListener('abort', stop);
    },
    outcomeOf: (error: unknown, kills: Map<string, number>): NonNullable<Outcome> => {
      const { jobId } = claimed.claim;
      // Another job in the process did not stop. It is no fault of this one, which spends no attempt.
      if (killedFor === null && process.wasStopped) return { report: 'stopped' };
      const reason = killedFor === 'stop' ? '' : (killedFor ?? process.failure ?? messageOf(error));
      if (claimed.task === 'revert' && killedFor !== null) kills.set(jobId, (kills.get(jobId) ?? 0) + 1);
      const count = kills.get(jobId) ?? 0;
      const where =
        claimed.task === 'revert' && count >= NAMED_AFTER_KILLS
          ? `reverting was killed ${count} times, last while: ${message ?? 'before its first step'}`
          : null;
      if (killedFor === 'stop') return { report: 'stopped', ...(where === null ? {} : { saved: { message: where } }) };
      return { report: WHEN_BROKEN[claimed.task], error: where === null ? reason : `${reason}; ${where}` };
    },
  };
};

/** The outcome that is reported for a task whose process ended while running it. */
export const WHEN_BROKEN = { run: 'retry', revert: 'revertFailed', release: 'stopped' } as const satisfies Record<
  Claimed['task'],
  string
>;
