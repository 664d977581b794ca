/**
 * RESTORE into a new database: the snapshot becomes its file. The snapshot is written to a hidden file in the same
 * folder and linked to its final name at the end, so that a file that another process created there is never
 * overwritten.
 */
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import { insertFence, readCheckpoint, writeCheckpoint } from '../../../databases/sqlite/fence.ts';
import { openDatabase } from '../../../databases/sqlite/open.ts';
import { recordsTable } from '../../../databases/sqlite/own-names.ts';
import { takeSnapshot } from '../../../databases/sqlite/snapshot-child.ts';
import { cutText } from '../../../errors.ts';
import { Transient } from '../../../jobs/kind.ts';
import { type RestoreWork, type Steps, stepOf } from '../details.ts';
import type { RestoreContext, RestoreTarget } from '../port.ts';
import type { RestoreCheckpoint } from './checkpoint.ts';
import { NO_PLAN, type Plan, planOf } from './plan.ts';
import { renameInFile } from './rename-in-file.ts';
import { verifySnapshot } from './verify.ts';

/** The hidden file, until it is published. */
const hiddenFile = (databaseFile: string, jobId: string): string =>
  path.join(path.dirname(databaseFile), `.${path.basename(databaseFile)}.restore-${jobId}`);

export const removeHidden = (databaseFile: string, jobId: string): void => {
  for (const end of ['', '-wal', '-shm', '-journal', '.tight']) {
    rmSync(`${hiddenFile(databaseFile, jobId)}${end}`, { force: true });
  }
};

export const openNew = (context: RestoreContext, databaseFile: string): RestoreTarget => {
  const { work } = context;
  const { details, claim } = work;
  const file = hiddenFile(databaseFile, claim.jobId);
  let plan = NO_PLAN;
  return {
    snapshotFile: file,
    isPublished: () => {
      if (!isPublished(databaseFile, work)) {
        requireNoFile(databaseFile, details.database);
        return false;
      }
      removeHidden(databaseFile, claim.jobId);
      return true;
    },
    plan: ({ manifest }) => {
      plan = planOf(manifest, details, null, context.io.environment.restoresTriggers);
      return plan.warnings;
    },
    verify: (backup) => verifySnapshot(file, backup),
    // The rows are in the file already.
    load: async function* () {
      const isPart = !details.isAll || plan.leftOut.length > 0 || details.verifyOnly;
      if (isPart && !isFinished(file, claim)) yield* keepTables(context, file, plan);
      return null;
    },
    publish: () => publish(context, file, databaseFile, plan),
    close: () => undefined,
  };
};

/** Everything up to publishing, in the work directory, with a check of the content. */
export const openVerification = (context: RestoreContext): RestoreTarget => ({
  ...openNew(context, path.join(context.directory.folder, 'verified.db')),
  publish: async function* () {},
});

/** True if this job has published the file, but was stopped before it recorded that. */
const isPublished = (databaseFile: string, { details, claim }: RestoreWork): boolean => {
  if (!existsSync(databaseFile)) return false;
  const target = openDatabase(databaseFile, details.database, { readonly: true });
  try {
    return readCheckpoint<RestoreCheckpoint>(target.sql, claim)?.phase === 'published';
  } finally {
    target.close();
  }
};

const requireNoFile = (databaseFile: string, database: string) => {
  if (!existsSync(databaseFile)) return;
  throw new Error(`the file of database ${database} has been created by another program`);
};

/** Removes all other tables. Repeated after an interruption. */
async function* keepTables({ work, io }: RestoreContext, file: string, plan: Plan): Steps {
  const { details } = work;
  const message = details.verifyOnly ? 'checking the integrity' : 'removing the other tables';
  const step = stepOf(work, details.snapshotBytes, 0, message);
  const tables = details.isAll ? null : [...plan.tables, ...plan.virtual].map(({ from }) => from);
  const order = { name: details.database, file, tables, leftOut: plan.leftOut, integrityCheck: details.verifyOnly };
  const { faults, warnings = [] } = yield* takeSnapshot(order, step, io.signal);
  if (faults.length > 0) throw new Error(`the database in the backup is damaged: ${cutText(faults.join('; '))}`);
  if (warnings.length > 0) yield { ...step, warnings };
}

async function* publish(
  { work, io, directory }: RestoreContext,
  file: string,
  databaseFile: string,
  plan: Plan,
): Steps {
  const { details, claim } = work;
  directory.checkCurrent();
  finishFile(file, work, plan);
  requireNoFile(databaseFile, details.database);
  const step = stepOf(work, details.snapshotBytes, details.rows, 'publishing');
  yield { ...step, commit: true };
  yield* directory.fenced(step, io.signal, () => link(file, databaseFile, details.database));
  removeHidden(databaseFile, claim.jobId);
}

/** Whether an earlier claim has finished the hidden file. */
const isFinished = (file: string, claim: RestoreWork['claim']): boolean => {
  const sql = new Sqlite(file, { fileMustExist: true });
  try {
    return readCheckpoint<RestoreCheckpoint>(sql, claim)?.phase === 'published';
  } finally {
    sql.close();
  }
};

/** Enables WAL, so that readers need not wait for writers, and records which job created the file. */
const finishFile = (file: string, { details, claim }: RestoreWork, plan: Plan) => {
  chmodSync(file, 0o600);
  const sql = new Sqlite(file, { fileMustExist: true });
  try {
    sql.pragma('trusted_schema = OFF');
    sql.pragma('journal_mode = WAL');
    sql.pragma('synchronous = FULL');
    sql.transaction(() => {
      if (details.as.length > 0 && readCheckpoint(sql, claim) === null) renameInFile(sql, plan);
      sql.exec(`DROP TABLE IF EXISTS ${quote(recordsTable(claim))}`);
      insertFence(sql, claim);
      const { rows } = details;
      const done: RestoreCheckpoint = { phase: 'published', table: 0, tableRows: 0, rows, hadSequences: false };
      writeCheckpoint(sql, claim, done);
    })();
  } finally {
    // Closing copies the WAL into the file and removes the WAL.
    sql.close();
  }
  if (existsSync(`${file}-wal`)) {
    throw new Transient(`the file of database ${details.database} is open in another program`);
  }
  sync(file);
};

const link = (file: string, databaseFile: string, database: string) => {
  try {
    linkSync(file, databaseFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') requireNoFile(databaseFile, database);
    throw error;
  }
  sync(path.dirname(databaseFile));
};

const sync = (fileOrFolder: string) => {
  const handle = openSync(fileOrFolder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
