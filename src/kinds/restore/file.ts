/**
 * RESTORE into a new database: the snapshot becomes its file. The snapshot is written to a hidden file in the same
 * folder and linked to its final name at the end, so that a file that another process created there is never
 * overwritten.
 */
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { insertFence, readCheckpoint, writeCheckpoint } from '../../databases/sqlite/fence.ts';
import { checkCurrent, fenced } from '../../databases/sqlite/fenced.ts';
import { quote } from '../../databases/sqlite/names.ts';
import { openDatabase } from '../../databases/sqlite/open.ts';
import { recordsTable } from '../../databases/sqlite/own-names.ts';
import { startSnapshot } from '../../databases/sqlite/snapshot-child.ts';
import { Transient } from '../../jobs/kind.ts';
import { sleep } from '../../sleep.ts';
import type { RestoreWork, State, Steps } from './details.ts';
import { stepOf } from './details.ts';
import { type Fetch, fetchSnapshot, openSource } from './fetch.ts';
import { planOf } from './plan.ts';

const TELL_EVERY_MS = 900;

/** The hidden file, until it is published. */
export const hiddenFile = (databaseFile: string, jobId: string): string =>
  path.join(path.dirname(databaseFile), `.${path.basename(databaseFile)}.restore-${jobId}`);

export const removeHidden = (databaseFile: string, jobId: string): void => {
  for (const end of ['', '-wal', '-shm', '-journal', '.tight']) {
    rmSync(`${hiddenFile(databaseFile, jobId)}${end}`, { force: true });
  }
};

export async function* restoreFile(fetch: Fetch, databaseFile: string): Steps {
  const { work, io, file } = fetch;
  const { details, claim } = work;
  if (isPublished(databaseFile, work)) return removeHidden(databaseFile, claim.jobId);
  checkFree(databaseFile, details.database);
  yield stepOf(work, 0, 0, 'reading the manifest');
  const backup = await openSource(fetch);
  const plan = planOf(backup.manifest, details, null);
  yield* fetchSnapshot(fetch, backup);
  if (!details.isAll)
    yield* keepTables(
      fetch,
      plan.tables.map(({ name }) => name),
    );
  checkCurrent(fetch.scratch, claim);
  makeWhole(file, work);
  checkFree(databaseFile, details.database);
  const step = stepOf(work, details.pictureBytes, details.rows, 'publishing');
  yield { ...step, commit: true };
  yield* fenced(fetch.scratch, claim, step, io.signal, () => publish(file, databaseFile, details.database));
  removeHidden(databaseFile, claim.jobId);
}

/** True if this job has published the file, but was stopped before it recorded that. */
const isPublished = (databaseFile: string, { details, claim }: RestoreWork): boolean => {
  if (!existsSync(databaseFile)) return false;
  const target = openDatabase(databaseFile, details.database, { readonly: true });
  try {
    return readCheckpoint<State>(target.sql, claim)?.phase === 'published';
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
};

const checkFree = (databaseFile: string, database: string) => {
  if (!existsSync(databaseFile)) return;
  throw new Error(`the file of database ${database} has been created by another program`);
};

/** Removes all other tables. Repeated after an interruption. */
async function* keepTables({ work, io, file }: Fetch, tables: readonly string[]): Steps {
  const making = startSnapshot({ name: work.details.database, file, tables });
  const step = stepOf(work, work.details.pictureBytes, 0, 'taking out other tables');
  try {
    for (let isMade = false; !isMade; ) {
      const over = new AbortController();
      const late = sleep(TELL_EVERY_MS, AbortSignal.any([io.signal, over.signal])).then(() => false);
      isMade = await Promise.race([making.made.then(() => true), late]).finally(() => over.abort());
      if (!isMade) yield step;
    }
  } finally {
    await making.kill();
  }
}

/** Enables WAL, so that readers need not wait for writers, and records which job created the file. */
const makeWhole = (file: string, { details, claim }: RestoreWork) => {
  chmodSync(file, 0o600);
  const sql = new Sqlite(file, { fileMustExist: true });
  try {
    sql.pragma('trusted_schema = OFF');
    sql.pragma('journal_mode = WAL');
    sql.pragma('synchronous = FULL');
    sql.transaction(() => {
      sql.exec(`DROP TABLE IF EXISTS ${quote(recordsTable(claim))}`);
      insertFence(sql, claim);
      const state: State = { phase: 'published', table: 0, tableRows: 0, rows: details.rows, hadSequences: false };
      writeCheckpoint(sql, claim, state);
    })();
  } finally {
    // Closing copies the WAL into the file and removes the WAL.
    sql.close();
  }
  if (existsSync(`${file}-wal`)) throw new Transient(`the file of database ${details.database} is held by somebody`);
  sync(file);
};

const publish = (file: string, databaseFile: string, database: string) => {
  try {
    linkSync(file, databaseFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') checkFree(databaseFile, database);
    throw error;
  }
  sync(path.dirname(databaseFile));
};

const sync = (place: string) => {
  const handle = openSync(place, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
