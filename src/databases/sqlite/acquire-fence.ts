/**
 * Acquiring the fence of a target: the one place that inserts a record of a job. It is one transaction that asks the job
 * store, so that a worker that was presumed dead and wakes up creates nothing: lock, insert the record if the epoch is
 * greater than the one there, ask the store whether the claim is still current, commit only if it is. Before that,
 * nothing else is written. Then the store keeps that work began there, before the first work is written.
 *
 * Began, but no record: somebody dropped it, or put an older copy of the target back. The position of the job is lost.
 * It is not run any more, since it would begin from zero; it is reverted by what is found in the target.
 */

import { existsSync } from 'node:fs';
import { Fenced, type Io, PauseAsked, type Task, Transient, type Work } from '../../jobs/kind.ts';
import { sleep } from '../../sleep.ts';
import { failureOf } from './errors.ts';
import { type FenceClaim, hasFence, insertFence, markLost } from './fence.ts';
import { unfenced } from './fenced.ts';
import { openDatabase, type Target } from './open.ts';
import { fileOf } from './place.ts';

type TargetWork = Work<{ readonly database: string }, unknown>;

/** Keeps all older claims out of the job's database, before `run` or `revert`, or before the job is reported as paused. */
export async function acquireFence(work: TargetWork, io: Io, task: Task): Promise<void> {
  if (await enterTarget(work, io, task)) await markBegan(work.claim, io);
}

/**
 * The same, without telling the store that work began. What cannot be written to cannot be acquired. False where there
 * is nothing to acquire: a file that is gone took with it what could be reverted, and where no work began, no claim can
 * write.
 * @throws Transient while the file is missing or locked; Error when it cannot be written to
 */
export const enterTarget = async (work: TargetWork, io: Io, task: Task): Promise<boolean> => {
  const { database } = work.details;
  try {
    const target = openTarget(work, io);
    try {
      return await enter(target, work, io, task, lostMessage(work.claim, `database ${database}`));
    } finally {
      target.close();
    }
  } catch (error) {
    if (error instanceof Fenced) throw error;
    const file = fileOf(io.environment);
    const isGone = file === null || !existsSync(file);
    if ((task === 'revert' && isGone) || (task !== 'run' && !work.began)) return false;
    throw failureOf(error, database);
  }
};

/** The target of a job to revert, opened; null where nothing of the job can be: see `enterTarget`. */
export const openForRevert = (work: TargetWork, io: Io): Target | null => {
  const databaseFile = fileOf(io.environment);
  if (databaseFile === null || !existsSync(databaseFile)) return null;
  try {
    return openTarget(work, io);
  } catch (error) {
    if (work.began) throw error;
    return null;
  }
};

export const openTarget = ({ details }: TargetWork, { environment }: Io): Target => {
  const file = fileOf(environment);
  if (file === null) throw new Transient(`database ${details.database} is not known any more`);
  return openDatabase(file, details.database, { lockWaitMs: 50 });
};

/** One transaction. @param lost the message when the record is gone */
export const enter = async (
  target: Target,
  { claim, began }: Pick<TargetWork, 'claim' | 'began'>,
  io: Io,
  task: Task,
  lost: string,
): Promise<boolean> => {
  try {
    await unfenced(target, io.signal, async () => {
      const isLost = began && !hasFence(target.sql, claim);
      if (isLost && task !== 'revert') throw new PauseAsked(lost);
      insertFence(target.sql, claim);
      if (isLost) markLost(target.sql, claim);
      await requireCurrent(claim, io);
    });
    return true;
  } catch (error) {
    // Without a record, no claim can write.
    if (task === 'release' && error instanceof PauseAsked) return false;
    throw error;
  }
};

/** @throws Fenced; Transient when the store does not answer in time */
export const requireCurrent = async ({ jobId, epoch }: FenceClaim, io: Io): Promise<void> => {
  const answered = new AbortController();
  const late = sleep(ANSWER_MS, answered.signal).then(
    () => null,
    () => null,
  );
  try {
    const isCurrent = await Promise.race([io.isCurrent(), late]);
    if (isCurrent === null) throw new Transient('the job store did not answer whether the claim is current');
    if (!isCurrent) throw new Fenced(`the claim of job ${jobId} with epoch ${epoch} is not current any more`);
  } finally {
    answered.abort();
  }
};

/** How long the lock of a target is held for the answer of the store. */
const ANSWER_MS = 1_000;

export const markBegan = async ({ jobId, epoch }: FenceClaim, io: Io): Promise<void> => {
  if (await io.markBegan()) return;
  throw new Fenced(`the claim of job ${jobId} with epoch ${epoch} is not current any more`);
};

export const lostMessage = ({ jobId }: FenceClaim, where: string): string =>
  `the position of job ${jobId} is lost: its record in ${where} is gone. Put back what was there and resume the job, or cancel it`;

/**
 * A position without the tables that it is about is lost too.
 * @throws PauseAsked when one of these is missing
 */
export const requireTables = (target: Target, claim: FenceClaim, tables: readonly string[]): void => {
  const find = target.sql.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  const missing = tables.find((table) => find.get(table) === undefined);
  if (missing === undefined) return;
  throw new PauseAsked(
    `the position of job ${claim.jobId} is lost: table ${missing} of database ${target.name} is gone. Put back what was there and resume the job, or cancel it`,
  );
};
