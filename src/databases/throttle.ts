/** Limits how many bytes a job moves in a second. */
import type { Step } from '../jobs/kind.ts';
import { sleep } from '../sleep.ts';

/** A stop is noticed, and progress is reported, at least this often. */
const STEP_MS = 500;

/**
 * Waits as long as these bytes should have taken, and repeats the step meanwhile.
 * @param startedAt when they began to move, as `performance.now()`
 */
export async function* throttle<P>(
  {
    bytes,
    startedAt,
    bytesPerSecond,
  }: { readonly bytes: number; readonly startedAt: number; readonly bytesPerSecond: number | null },
  step: Step<P>,
  signal: AbortSignal,
): AsyncGenerator<Step<P>, void, void> {
  if (bytesPerSecond === null) return;
  const due = startedAt + (bytes * 1000) / bytesPerSecond;
  for (let left = due - performance.now(); left > 0; left = due - performance.now()) {
    await sleep(Math.min(left, STEP_MS), signal);
    yield step;
  }
}
