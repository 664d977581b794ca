/**
 * Executes one claimed job from its claim to its outcome. The kind yields checkpoints; this module decides when a
 * checkpoint is saved and when the job stops. It runs in the work thread and knows nothing of the store except
 * `ClaimedJob`.
 */
import { cutText, messageOf } from '../errors.ts';
import type { JobCounter } from '../jobs/job.ts';
import {
  type Environment,
  Fenced,
  type Io,
  type Kind,
  PauseAsked,
  type Secrets,
  type Step,
  shownErrorOf,
  statusMessageOf,
  Transient,
} from '../jobs/kind.ts';
import type { JobStatus } from '../jobs/status.ts';
import { sleep } from '../sleep.ts';
import type { Claimed, Saved, Settled } from '../store/store.ts';
import { limitProgress, type ProgressLimit } from './progress-limit.ts';

/** The outcome of a claimed job. It is null when the claim was lost, and then nothing is reported. */
export type Outcome = Omit<Settled, 'actor'> | null;

/** What an executing job may request from the store and report to the server. */
export interface ClaimedJob {
  /** Returns the current status, or null when the claim is lost. */
  save(saved: Saved): Promise<JobStatus | null>;
  markCommitting(saved: Saved): Promise<boolean>;
  /** Whether no newer claim of the job exists. Called before the fence is acquired. */
  isCurrent(): Promise<boolean>;
  /** The manifests, by their hashes, of the backups that other jobs use. */
  usedBackups(): Promise<readonly string[]>;
  /** Records permanently that work began in the target. Returns false when the claim is lost. */
  markBegan(): Promise<boolean>;
  warn(message: string): void;
  /** Writes a line to the log, with the id of the job. */
  log(message: string): void;
  /** From now on, no older claim of this job can write. */
  fenceAcquired?(): void;
  /** The job has completed a step. */
  stepped?(): void;
}

const SAVE_EVERY_MS = 400;
/**
 * A kind that never waits would block requests to stop. After this long, the event loop gets a turn to deliver them.
 */
const TURN_EVERY_MS = 10;
const RELEASE_RETRY_MS = 1_000;

/** A claimed job whose secrets have been opened. What its creator may use is in the environment. */
export type Opened = Omit<Claimed, 'secrets' | 'owner' | 'inputJson' | 'databaseName'> & { readonly secrets?: Secrets };

export const execute = async (
  kind: Kind,
  claimed: Opened,
  environment: Environment,
  job: ClaimedJob,
  signal: AbortSignal,
): Promise<Outcome> => {
  const { task, details, secrets, checkpoint, began, attempts } = claimed;
  const claim = { jobId: claimed.claim.jobId, epoch: claimed.claim.epoch, storeId: claimed.storeId };
  const work = {
    details,
    checkpoint,
    claim,
    began,
    attempt: attempts + 1,
    ...(secrets === undefined ? {} : { secrets }),
  };
  const { isCurrent, markBegan, usedBackups, log } = job;
  // This is never aborted: until the fence is acquired, an older claim may still be working, and the job cannot be
  // reported as stopped.
  const showWait = (message: string) => void job.save({ message }).catch(() => undefined);
  const never = { signal: new AbortController().signal, environment, isCurrent, markBegan, report: showWait };
  const acquireFence = async () => kind.acquireFence?.(work, never, task);
  if (task === 'release') return release(acquireFence, job, signal);
  using limit = limitProgress(kind.progressTimeoutMs, signal, (message) => {
    job.warn(message);
    showWait(message);
  });
  const io: Io = { signal: limit.signal, environment, isCurrent, markBegan, usedBackups, log };
  const progress: Progress = { isCustom: kind.type === 'CUSTOM' };
  const saved = () => (progress.unsaved === undefined ? {} : { saved: progress.unsaved });
  const keepResult = (value: unknown) => {
    if (value === undefined) return;
    const { warnings, ...result } = resultOf(value, kind);
    progress.unsaved = withWarnings({ ...progress.unsaved, ...result }, progress.unsaved?.warnings, warnings);
  };
  let fenceAcquired = false;
  try {
    await acquireFence();
    fenceAcquired = true;
    job.fenceAcquired?.();
    if (signal.aborted) return { report: 'stopped' };
    const steps = task === 'run' ? keepingReturn(kind.run(work, io), keepResult) : kind.revert(work, io);
    const report = await followSteps(limit.watch(steps), task, job, signal, progress, limit);
    return report === null ? null : { report, ...saved() };
  } catch (thrown) {
    const error = limit.expired !== null && isAbort(thrown, limit.signal) ? limit.expired : thrown;
    // The target has a newer epoch although this claim is the newest: the store was restored. The next epoch is tried.
    if (error instanceof Fenced && (await job.save({})) === null) return null;
    if (error instanceof PauseAsked && error.checkpoint !== undefined) {
      progress.unsaved = { ...progress.unsaved, checkpoint: JSON.stringify(error.checkpoint) };
    }
    if (shownErrorOf(error) !== null) {
      progress.unsaved = { ...progress.unsaved, rowError: cutText(messageOf(error)) };
    }
    return { ...failureOf(error, task, signal), ...saved(), ...(fenceAcquired ? {} : { fenceAcquired }) };
  }
};

/**
 * Takes over from a dead worker that was asked to pause. It acquires the fence in the target, so that the dead worker
 * can write nothing more, and only then reports that the job has stopped. If the fence cannot be acquired yet, it
 * retries for as long as a pause is requested; when this worker stops, the next one continues.
 */
const release = async (acquireFence: () => Promise<void>, job: ClaimedJob, signal: AbortSignal): Promise<Outcome> => {
  for (;;) {
    try {
      await acquireFence();
      return { report: 'stopped' };
    } catch (error) {
      const message = statusMessageOf(error) ?? messageOf(error);
      const status = await job.save({ message: `waiting to be paused: ${message}` });
      if (status === null) return null;
      if (status !== 'PAUSE_REQUESTED' || error instanceof Fenced) return { report: 'stopped' };
    }
    await sleep(RELEASE_RETRY_MS, signal).catch(() => undefined);
    if (signal.aborted) return null;
  }
};

/** The last step, until it is saved. It is saved with the outcome, whatever the outcome is. */
interface Progress {
  unsaved?: Saved;
  /** The greatest of this claim. */
  fraction?: number;
  /** The author of the kind gets a warning about a fraction that falls. The server's own kinds count again what has changed. */
  readonly isCustom: boolean;
}

/** A fraction that falls is an error of the kind, and harmless: the job shows the greatest. */
const fallOf = ({ fractionCompleted }: Step<unknown>, progress: Progress): readonly string[] => {
  if (fractionCompleted === undefined || !progress.isCustom) return [];
  const { fraction = fractionCompleted } = progress;
  progress.fraction = Math.max(fraction, fractionCompleted);
  return fractionCompleted < fraction ? ['fractionCompleted falls: the greatest is shown'] : [];
};

/** Passes the steps on, and what the generator returns after them to `keep`. */
async function* keepingReturn(
  steps: AsyncGenerator<Step<unknown>, unknown, void>,
  keep: (value: unknown) => void,
): AsyncGenerator<Step<unknown>, void, void> {
  keep(yield* steps);
}

const MAX_RESULT_BYTES = 65_536;

/** The work is done, so a result that cannot be kept is a warning and no failure. */
const resultOf = (value: unknown, { result: schema }: Pick<Kind, 'result'>): Saved => {
  try {
    const parsed = schema?.safeParse(value);
    if (parsed?.success === false) {
      const [issue] = parsed.error.issues;
      return {
        warnings: [`the result is not kept: ${['result', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`],
      };
    }
    const result = JSON.stringify(parsed === undefined ? value : parsed.data) ?? 'null';
    const bytes = Buffer.byteLength(result);
    if (bytes <= MAX_RESULT_BYTES) return { result };
    return { warnings: [`the result is not kept: it has ${bytes} bytes, and at most ${MAX_RESULT_BYTES} are kept`] };
  } catch (error) {
    return { warnings: [`the result is not kept: it cannot be converted to JSON: ${messageOf(error)}`] };
  }
};

/** Returns null when the claim is lost. */
const followSteps = async (
  steps: AsyncGenerator<Step<unknown>, unknown, void>,
  task: 'run' | 'revert',
  job: ClaimedJob,
  signal: AbortSignal,
  progress: Progress,
  limit: Pick<ProgressLimit, 'expired'>,
): Promise<Settled['report'] | null> => {
  let committing = false;
  let savedAt = Number.NEGATIVE_INFINITY;
  let turnAt = performance.now();
  for await (const step of steps) {
    job.stepped?.();
    const fell = fallOf(step, progress);
    progress.unsaved = withWarnings(savedOf(step, job), progress.unsaved?.warnings, [
      ...(step.warnings ?? []),
      ...fell,
    ]);
    if (step.commit) {
      if (!(await job.markCommitting(progress.unsaved))) return 'stopped';
      delete progress.unsaved;
      committing = true;
      continue;
    }
    if (performance.now() - turnAt >= TURN_EVERY_MS) {
      await new Promise(setImmediate);
      turnAt = performance.now();
    }
    if (signal.aborted && !committing) return 'stopped';
    // The step came too late: its signal has been aborted. It is progress all the same.
    if (limit.expired !== null) throw limit.expired;
    if (performance.now() - savedAt >= SAVE_EVERY_MS) {
      const status = await job.save(progress.unsaved);
      if (status === null) return null;
      delete progress.unsaved;
      savedAt = performance.now();
      // The request may have come while the checkpoint was being saved.
      if (asksToStop(status, task) || (signal.aborted && !committing)) return 'stopped';
    }
  }
  return task === 'run' ? 'finished' : 'reverted';
};

const asksToStop = (status: JobStatus, task: 'run' | 'revert') => status !== (task === 'run' ? 'RUNNING' : 'REVERTING');

const savedOf = (step: Step<unknown>, job: ClaimedJob): Saved => ({
  checkpoint: JSON.stringify(step.checkpoint ?? null),
  ...(step.fractionCompleted === undefined ? {} : { fractionCompleted: clamp(step.fractionCompleted, job) }),
  ...(step.message === undefined ? {} : { message: step.message }),
  ...(step.counters === undefined ? {} : { counters: countersOf(step.counters) }),
});

/** Warnings are kept until they are saved, although a later step replaces the rest. */
const withWarnings = (saved: Saved, unsaved: readonly string[] = [], added: readonly string[] = []): Saved =>
  unsaved.length + added.length === 0 ? saved : { ...saved, warnings: [...unsaved, ...added] };

const countersOf = (counters: Readonly<Record<string, number>>): readonly JobCounter[] =>
  Object.entries(counters).map(([name, value]) => ({ name, value }));

const clamp = (fraction: number, job: ClaimedJob): number => {
  if (fraction >= 0 && fraction <= 1) return fraction;
  job.warn(`fractionCompleted ${fraction} is outside 0 to 1`);
  return Number.isNaN(fraction) ? 0 : Math.min(1, Math.max(0, fraction));
};

/** Whether the generator failed because it was asked to stop. */
const isAbort = (error: unknown, { reason }: AbortSignal) =>
  error === reason || (error as Error | null)?.name === 'AbortError';

const failureOf = (error: unknown, task: 'run' | 'revert', signal: AbortSignal): NonNullable<Outcome> => {
  if (signal.aborted && isAbort(error, signal)) return { report: 'stopped' };
  const text = cutText(shownErrorOf(error) ?? messageOf(error));
  const waits = statusMessageOf(error);
  const message = waits === null ? {} : { message: waits };
  if (task === 'revert') return { report: 'revertFailed', error: text, ...message };
  if (error instanceof PauseAsked) return { report: 'pauseAsked', error: text };
  const isTransient = error instanceof Transient || error instanceof Fenced;
  return isTransient ? { report: 'retry', error: text, ...message } : { report: 'failed', error: text };
};
