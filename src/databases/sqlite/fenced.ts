/**
 * The transactions of jobs on a target: no other file begins, commits or rolls back one. Each takes the write lock
 * first (BEGIN IMMEDIATE), since a transaction that begins by reading may later be unable to write.
 *
 * A job writes through `fenced`: lock, check that its claim is the newest, do the work, save the position that the work
 * has reached, commit; or roll back all of it. So a worker that lost its job can write nothing, and no row is written
 * without its position.
 */
import { Fenced, type Step } from '../../jobs/kind.ts';
import { sleep } from '../../sleep.ts';
import { codeOf, lockedError, lockWait } from './errors.ts';
import { checkFence, type FenceClaim, writeCheckpoint } from './fence.ts';
import type { Target } from './open.ts';

const LOCK_WAIT_MS = 5_000;
const LOCK_POLL_MS = 10;

type Steps<P, R> = AsyncGenerator<Step<P>, R, void>;

/**
 * One transaction of a job. While others hold the lock, it yields the last step again, so that a stop is noticed.
 * @param work returns the position reached, or undefined to keep the position. A generator may yield while the lock is
 *   held, in particular `commit: true`; if it is closed at a yield, the transaction is rolled back.
 * @param lockWaitMs how long others may hold the lock
 * @throws Fenced when the claim is not the newest, or when the job's objects in the target are missing
 * @throws Transient when others hold the lock for too long
 */
export async function* fenced<P, C>(
  target: Target,
  claim: FenceClaim,
  last: Step<P>,
  signal: AbortSignal,
  work: () => C | Steps<P, C>,
  lockWaitMs = LOCK_WAIT_MS,
): Steps<P, C> {
  const until = performance.now() + lockWaitMs;
  while (!target.tryBegin()) {
    if (performance.now() > until) throw lockedError(target.name);
    yield { ...last, message: lockWait(target.name) };
    await sleep(LOCK_POLL_MS, signal);
  }
  try {
    checkFence(target.sql, claim);
    const made = work();
    return finish(target, claim, isSteps(made) ? yield* made : made);
  } catch (error) {
    throw asFenced(error, claim);
  } finally {
    target.rollback();
  }
}

/**
 * Same as `fenced`, without waiting, for work that can be done on another occasion. Null when another connection holds
 * the lock.
 */
export const tryFenced = <C>(target: Target, claim: FenceClaim, work: () => C): C | null => {
  if (!target.tryBegin()) return null;
  try {
    checkFence(target.sql, claim);
    return finish(target, claim, work());
  } catch (error) {
    throw asFenced(error, claim);
  } finally {
    target.rollback();
  }
};

/**
 * A transaction that no fence guards: for acquiring one, and for cleaning up after a job that has ended. Async work
 * holds the lock until it is done.
 * @param onWait called once if others hold the lock
 * @throws Transient when others hold the lock for too long
 */
export const unfenced = async <R>(
  target: Target,
  signal: AbortSignal | undefined,
  work: () => R | Promise<R>,
  lockWaitMs = LOCK_WAIT_MS,
  onWait: () => void = () => undefined,
): Promise<R> => {
  const until = performance.now() + lockWaitMs;
  for (let isFirst = true; !target.tryBegin(); isFirst = false) {
    if (performance.now() > until) throw lockedError(target.name);
    if (isFirst) onWait();
    await sleep(LOCK_POLL_MS, signal);
  }
  try {
    const result = await work();
    target.commit();
    return result;
  } finally {
    target.rollback();
  }
};

/** Call before a job writes elsewhere, such as to a directory. @throws Fenced, or Transient as `checkPresent` does */
export const checkCurrent = (target: Target, claim: FenceClaim): void => {
  target.checkPresent();
  checkFence(target.sql, claim);
};

const finish = <C>(target: Target, claim: FenceClaim, checkpoint: C): C => {
  if (checkpoint !== undefined) writeCheckpoint(target.sql, claim, checkpoint);
  target.commit();
  return checkpoint;
};

/** Same as `unfenced`, without waiting; does nothing when another connection holds the lock. */
export const tryUnfenced = (target: Target, work: () => unknown): void => {
  if (!target.tryBegin()) return;
  try {
    work();
    target.commit();
  } finally {
    target.rollback();
  }
};

/** A missing table of the job was dropped by the job's next claim or by another program. */
const asFenced = (error: unknown, { jobId }: FenceClaim): unknown =>
  codeOf(error) === 'SQLITE_ERROR' && /no such table: (main\.)?_signalbox_/.test((error as Error).message)
    ? new Fenced(`what job ${jobId} keeps in the database is gone: ${(error as Error).message}`)
    : error;

const isSteps = <P, C>(made: C | Steps<P, C>): made is Steps<P, C> =>
  typeof made === 'object' && made !== null && Symbol.asyncIterator in made;
