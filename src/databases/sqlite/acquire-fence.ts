/**
 * Acquires the fence of a target. This is the only place that inserts a record of a job. It does so in one transaction
 * that queries the job store, so that a worker that was presumed dead and resumes creates nothing: lock, insert the
 * record if the epoch is greater than the existing one, ask the store whether the claim is still current, commit only
 * if it is. Nothing else is written before that. The store then records that work began, before the first work is
 * written.
 *
 * If work began but there is no record, it was dropped, or an older copy of the target was restored. The position of
 * the job is then lost. The job does not run again, since it would start from zero; it is reverted according to what is
 * found in the target.
 */

import { existsSync } from 'node:fs';
import { cutText } from '../../errors.ts';
import { Fenced, type Io, PauseAsked, type Task, Transient, type Work } from '../../jobs/kind.ts';
import { sleep } from '../../sleep.ts';
import { show } from '../show.ts';
import { failureOf, lockWait } from './errors.ts';
import { type FenceClaim, hasFence, insertFence, markLost } from './fence.ts';
import { unfenced } from './fenced.ts';
import { openDatabase, type Target } from './open.ts';
import { fileOf } from './place.ts';

type TargetWork = Work<
  { readonly database: string; readonly table?: string; readonly tables?: readonly string[] },
  unknown
>;

/** `mark`: the record is inserted and marked, because `run` decides what a lost position means (`isLost`). */
type OnLost = 'pause' | 'mark';

/**
 * Keeps all older claims out of the job's database, before `run` or `revert`, or before the job is reported as paused.
 */
export async function acquireFence(work: TargetWork, io: Io, task: Task, onLost: OnLost = 'pause'): Promise<void> {
  if (await enterTarget(work, io, task, onLost)) await markBegan(work.claim, io);
}

/**
 * Same as `acquireFence`, without recording in the store that work began. A fence can only be acquired in a writable
 * target. Returns false if there is nothing to acquire: a missing file cannot be written to, and if no work began, no
 * claim can write.
 * @throws Transient while the file is missing or locked; Error when it cannot be written to
 */
export const enterTarget = async (work: TargetWork, io: Io, task: Task, onLost: OnLost = 'pause'): Promise<boolean> => {
  const { database } = work.details;
  try {
    const target = openTarget(work, io);
    try {
      return await enter(target, work, io, task, lostMessage(work.claim, `database ${database}`), onLost);
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

/** The file may come back, with what the job wrote. */
const missing = ({ details: { database, table, tables = [] }, claim }: TargetWork): Transient => {
  const names = table === undefined ? tables : [table];
  const where = names.length === 0 ? 'there' : `to ${names.map((name) => show(name)).join(', ')}`;
  return new Transient(
    cutText(
      `the file of database ${database} is missing, and what job ${claim.jobId} wrote ${where} is left in it: put the file ` +
        'back, or give the database up with deleteDatabase',
    ),
  );
};

/**
 * Opens the target of a job to be reverted; null if it cannot contain anything of the job: see `enterTarget`. What a job
 * left in a database that is not registered any more has been given up.
 * @param isHidden whether the job leaves nothing that others see, so that a sweep may remove it when the file is back
 * @throws Transient while the file is missing
 */
export const openForRevert = (work: TargetWork, io: Io, isHidden = false): Target | null => {
  const databaseFile = fileOf(io.environment);
  if (databaseFile === null) return null;
  if (!existsSync(databaseFile)) {
    if (work.began && !isHidden) throw missing(work);
    return null;
  }
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

/**
 * One transaction.
 * @param lost the message when the record is missing
 */
export const enter = async (
  target: Target,
  { claim, began }: Pick<TargetWork, 'claim' | 'began'>,
  io: Io,
  task: Task,
  lost: string,
  onLost: OnLost = 'pause',
): Promise<boolean> => {
  try {
    const onWait = () => io.report?.(lockWait(target.name));
    const acquire = async () => {
      const isLost = began && !hasFence(target.sql, claim);
      const isMarked = task === 'revert' || (task === 'run' && onLost === 'mark');
      if (isLost && !isMarked) throw new PauseAsked(lost);
      insertFence(target.sql, claim);
      if (isLost) markLost(target.sql, claim);
      await requireCurrent(claim, io);
    };
    await unfenced(target, io.signal, acquire, undefined, onWait);
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

/** How long the lock of a target is held while waiting for the store's answer, in milliseconds. */
const ANSWER_MS = 1_000;

export const markBegan = async ({ jobId, epoch }: FenceClaim, io: Io): Promise<void> => {
  if (await io.markBegan()) return;
  throw new Fenced(`the claim of job ${jobId} with epoch ${epoch} is not current any more`);
};

export const lostMessage = ({ jobId }: FenceClaim, where: string): string =>
  `the position of job ${jobId} is lost: its record in ${where} is gone. Put back what was there and resume the job, or cancel it`;

/**
 * A position is also lost if the tables that it refers to are missing.
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
