/**
 * Drives one claimed job from its claim to its outcome. The kind yields checkpoints; here it is decided when one is
 * saved and when the job stops. Runs in the thread that does the work, and knows nothing of the store but `keep`.
 */
import { cutText, messageOf } from '../errors.ts';
import type { JobCounter } from '../jobs/job.ts';
import { Fenced, type Io, type Kind, PauseAsked, type Places, type Step, Transient } from '../jobs/kind.ts';
import type { JobStatus } from '../jobs/status.ts';
import type { Claimed, Saved, Settled } from '../store/store.ts';

/** What became of a claimed job; null when the claim was lost, and there is nothing to report. */
export type Outcome = Omit<Settled, 'actor'> | null;

/** How a driven job reaches the store. */
export interface Keep {
  /** The status as it is now; null when the claim is lost. */
  save(saved: Saved): Promise<JobStatus | null>;
  markCommitting(saved: Saved): Promise<boolean>;
  warn(message: string): void;
}

const SAVE_EVERY_MS = 400;
/** A kind that never waits would keep requests to stop from arriving: after so long, they get a turn. */
const TURN_EVERY_MS = 10;

export const drive = async (
  kind: Kind,
  claimed: Claimed,
  places: Places,
  keep: Keep,
  signal: AbortSignal,
): Promise<Outcome> => {
  const { task, details, checkpoint, claim } = claimed;
  const work = { details, checkpoint, claim };
  const io: Io = { signal, places };
  try {
    await kind.enter?.(work, io);
    if (task === 'let go') return { report: 'claimed' };
    const steps = task === 'run' ? kind.run(work, io) : kind.revert(work, io);
    return await follow(steps, task, keep, signal);
  } catch (error) {
    return outcomeOf(error, task, signal);
  }
};

const follow = async (
  steps: AsyncGenerator<Step<unknown>, void, void>,
  task: Claimed['task'],
  keep: Keep,
  signal: AbortSignal,
): Promise<Outcome> => {
  let unsaved: Saved | undefined;
  let committing = false;
  let savedAt = Number.NEGATIVE_INFINITY;
  let turnAt = performance.now();
  const left = (report: Settled['report']): Outcome => ({
    report,
    ...(unsaved === undefined ? {} : { saved: unsaved }),
  });
  for await (const step of steps) {
    unsaved = savedOf(step, keep);
    if (step.commit) {
      if (!(await keep.markCommitting(unsaved))) return left('stopped');
      unsaved = undefined;
      committing = true;
      continue;
    }
    if (performance.now() - turnAt >= TURN_EVERY_MS) {
      await new Promise(setImmediate);
      turnAt = performance.now();
    }
    if (signal.aborted && !committing) return left('stopped');
    if (performance.now() - savedAt >= SAVE_EVERY_MS) {
      const status = await keep.save(unsaved);
      if (status === null) return null;
      unsaved = undefined;
      savedAt = performance.now();
      if (asksToStop(status, task)) return left('stopped');
    }
  }
  return left(task === 'run' ? 'finished' : 'undone');
};

const asksToStop = (status: JobStatus, task: Claimed['task']) => status !== (task === 'run' ? 'RUNNING' : 'REVERTING');

const savedOf = (step: Step<unknown>, keep: Keep): Saved => ({
  checkpoint: JSON.stringify(step.checkpoint ?? null),
  ...(step.fractionCompleted === undefined ? {} : { fractionCompleted: clamp(step.fractionCompleted, keep) }),
  ...(step.message === undefined ? {} : { message: step.message }),
  ...(step.counters === undefined ? {} : { counters: countersOf(step.counters) }),
});

const countersOf = (counters: Readonly<Record<string, number>>): readonly JobCounter[] =>
  Object.entries(counters).map(([name, value]) => ({ name, value }));

const clamp = (fraction: number, keep: Keep): number => {
  if (fraction >= 0 && fraction <= 1) return fraction;
  keep.warn(`fractionCompleted ${fraction} is outside 0 to 1`);
  return Number.isNaN(fraction) ? 0 : Math.min(1, Math.max(0, fraction));
};

const outcomeOf = (error: unknown, task: Claimed['task'], signal: AbortSignal): Outcome => {
  if (error instanceof Fenced) return null;
  if (signal.aborted && (error === signal.reason || (error as Error).name === 'AbortError'))
    return { report: 'stopped' };
  const text = cutText(messageOf(error));
  if (task === 'revert') return { report: 'undoingFailed', error: text };
  // Whoever cannot even enter the target to let go of it tries again: the pause waits until it is true.
  if (task === 'let go') throw error;
  if (error instanceof PauseAsked) return { report: 'askedToBePaused', error: text };
  return { report: error instanceof Transient ? 'retry' : 'failed', error: text };
};
