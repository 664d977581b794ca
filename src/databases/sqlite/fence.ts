/**
 * The fence in the target. `_signalbox_<store>_jobs` has a record for each job that works in this database: the epoch
 * of the claim that may write, and the job's checkpoint, the position from which it continues. Both are read and
 * written in the transaction that writes the job's rows (fenced.ts), so a worker with an older claim can write nothing,
 * and no row is written without the checkpoint. A missing record has the same effect as a newer epoch. All functions
 * run inside a transaction.
 */
import type Sqlite from 'better-sqlite3';
import { Fenced, type Owner } from '../../jobs/kind.ts';
import { quote } from './names.ts';
import { isTable, recordsTable } from './own-names.ts';

export interface FenceClaim extends Owner {
  readonly epoch: number;
}

/** @throws Fenced unless the claim is newer than every claim that acquired the fence before */
export const insertFence = (sql: Sqlite.Database, claim: FenceClaim): void => {
  const table = quote(recordsTable(claim));
  sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (jobId INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, state TEXT)`);
  const { changes } = sql
    .prepare(
      `INSERT INTO ${table} (jobId, epoch) VALUES (?, ?)
       ON CONFLICT (jobId) DO UPDATE SET epoch = excluded.epoch WHERE excluded.epoch > epoch`,
    )
    .run(BigInt(claim.jobId), claim.epoch);
  if (changes === 0) throw fencedError(claim);
};

/** @throws Fenced when a newer claim has acquired the fence, or when the job has no record */
export const checkFence = (sql: Sqlite.Database, claim: FenceClaim): void => {
  if (recordOf(sql, claim)?.epoch !== claim.epoch) throw fencedError(claim);
};

/** Whether the job has a record. */
export const hasFence = (sql: Sqlite.Database, owner: Owner): boolean => recordOf(sql, owner) !== undefined;

/** After this, no claim of this job can write until one acquires the fence. */
export const removeFence = (sql: Sqlite.Database, owner: Owner): void => {
  if (!hasFence(sql, owner)) return;
  sql.prepare(`DELETE FROM ${quote(recordsTable(owner))} WHERE jobId = ?`).run(BigInt(owner.jobId));
};

/** The last checkpoint written under any claim of the job; null if none was written, or if it is lost. */
export const readCheckpoint = <C>(sql: Sqlite.Database, owner: Owner): C | null => {
  const text = recordOf(sql, owner)?.state ?? null;
  return text === null || text === LOST ? null : (JSON.parse(text) as C);
};

/** @throws Fenced as `checkFence` does, and writes nothing */
export const writeCheckpoint = (sql: Sqlite.Database, claim: FenceClaim, checkpoint: unknown): void =>
  writeState(sql, claim, JSON.stringify(checkpoint));

/** Marks the record of a job to be reverted whose own record was missing: its position is unknown. */
export const markLost = (sql: Sqlite.Database, claim: FenceClaim): void => writeState(sql, claim, LOST);

export const isLost = (sql: Sqlite.Database, owner: Owner): boolean => recordOf(sql, owner)?.state === LOST;

const LOST = '{"lost":true}';

const writeState = (sql: Sqlite.Database, claim: FenceClaim, state: string) => {
  // The column's name predates the term checkpoint.
  const update = sql.prepare(`UPDATE ${quote(recordsTable(claim))} SET state = ? WHERE jobId = ? AND epoch = ?`);
  if (update.run(state, BigInt(claim.jobId), claim.epoch).changes === 0) throw fencedError(claim);
};

const recordOf = (sql: Sqlite.Database, owner: Owner) => {
  const table = recordsTable(owner);
  if (!isTable(sql, table)) return undefined;
  return sql.prepare(`SELECT epoch, state FROM ${quote(table)} WHERE jobId = ?`).get(BigInt(owner.jobId)) as
    | { readonly epoch: number; readonly state: string | null }
    | undefined;
};

const fencedError = ({ jobId, epoch }: FenceClaim) =>
  new Fenced(`the claim of job ${jobId} with epoch ${epoch} is not current any more`);
