/**
 * The fence in the target. `_signalbox_jobs` has a row for each job that works in this database: the epoch of the
 * claim that may write, and how far the job is. Both are read and written in the transaction that writes the job's
 * rows, so whoever works under an older claim can write nothing, and no row is written without the place being moved.
 * The row outlives the job's end, until retention removes the job.
 */
import type Sqlite from 'better-sqlite3';
import { Fenced } from '../../jobs/kind.ts';

interface Claim {
  readonly jobId: string;
  readonly epoch: number;
}

/** Inside a transaction. @throws Fenced unless the claim is newer than any that was entered before */
export const insertFence = (sql: Sqlite.Database, claim: Claim): void => {
  sql.exec(
    'CREATE TABLE IF NOT EXISTS _signalbox_jobs (jobId INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, state TEXT)',
  );
  const { changes } = sql
    .prepare(
      `INSERT INTO _signalbox_jobs (jobId, epoch) VALUES (?, ?)
       ON CONFLICT (jobId) DO UPDATE SET epoch = excluded.epoch WHERE excluded.epoch > epoch`,
    )
    .run(BigInt(claim.jobId), claim.epoch);
  if (changes === 0) throw fenced(claim);
};

/** Inside a transaction. @throws Fenced when a newer claim was entered, or none of this job */
export const checkFence = (sql: Sqlite.Database, claim: Claim): void => {
  if (rowOf(sql, claim)?.epoch !== claim.epoch) throw fenced(claim);
};

/** Whether a claim of this job was ever entered. */
export const hasFence = (sql: Sqlite.Database, claim: Claim): boolean => rowOf(sql, claim) !== undefined;

/** Inside a transaction: no claim of this job can write any more, until one is entered. */
export const removeFence = (sql: Sqlite.Database, claim: Claim): void => {
  if (hasFence(sql, claim)) sql.prepare('DELETE FROM _signalbox_jobs WHERE jobId = ?').run(BigInt(claim.jobId));
};

/** What a `stateWriter` wrote last, whoever did; null when nothing was. */
export const readState = <S>(sql: Sqlite.Database, claim: Claim): S | null => {
  const state = rowOf(sql, claim)?.state ?? null;
  return state === null ? null : (JSON.parse(state) as S);
};

/** Returns what writes the state, inside a transaction. @throws Fenced as `checkEpoch` does, and writes nothing */
export const stateWriter = <S>(sql: Sqlite.Database, claim: Claim): ((state: S) => void) => {
  let update: Sqlite.Statement | undefined;
  return (state) => {
    update ??= sql.prepare('UPDATE _signalbox_jobs SET state = ? WHERE jobId = ? AND epoch = ?');
    if (update.run(JSON.stringify(state), BigInt(claim.jobId), claim.epoch).changes === 0) throw fenced(claim);
  };
};

const rowOf = (sql: Sqlite.Database, { jobId }: Claim) => {
  const made = sql.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_signalbox_jobs'").get();
  if (made === undefined) return undefined;
  return sql.prepare('SELECT epoch, state FROM _signalbox_jobs WHERE jobId = ?').get(BigInt(jobId)) as
    | { readonly epoch: number; readonly state: string | null }
    | undefined;
};

const fenced = ({ jobId, epoch }: Claim) => new Fenced(`epoch ${epoch} of job ${jobId} is not the newest any more`);
