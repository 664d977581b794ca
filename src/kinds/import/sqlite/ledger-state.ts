/**
 * Whether a ledger still describes its table. Without its triggers, a recorded row may have become another writer's, so
 * that nothing may be removed. A table that was dropped took its triggers with it, and has none of the rows any more,
 * whatever was created under its name since: a table that precedes the ledger in the catalogue is the original one.
 */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { findObject } from '../../../databases/sqlite/catalogue.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import type { Owner } from '../../../jobs/kind.ts';
import { ledgerNames } from './names.ts';

/** @throws Error if another program has dropped a trigger of the ledger, which then misses changes of others */
export const requireLedgerTriggers = (sql: Sqlite.Database, owner: Owner, table: string): void => {
  const [missing] = missingTriggers(sql, owner);
  if (missing === undefined) return;
  throw new Error(
    `trigger ${missing} of table ${show(table)} was dropped by another program: rows of job ${owner.jobId} can no longer be told from others`,
  );
};

const missingTriggers = (sql: Sqlite.Database, owner: Owner): readonly string[] => {
  const { inserted, updated } = ledgerNames(owner);
  return [inserted, updated].filter((name) => findObject(sql, 'trigger', name) === undefined);
};

/** @throws Error if rows may be left that can no longer be identified, because triggers of the ledger are missing */
export const requireTriggers = (sql: Sqlite.Database, owner: Owner, table: string): void => {
  const { rows } = ledgerNames(owner);
  const missing = missingTriggers(sql, owner);
  const isEmpty = sql.prepare(`SELECT 1 FROM ${quote(rows)} LIMIT 1`).get() === undefined;
  if (missing.length === 0 || isEmpty) return;
  if (missing.length === 2 && !isOriginal(sql, table, rows)) return;
  throw new Error(
    `rows that job ${owner.jobId} inserted into table ${show(table)} may be left: trigger ${missing.join(' and ')}, ` +
      `which kept the list of them in table ${rows}, is gone. Remove the rows and empty the list: DELETE FROM ${rows}`,
  );
};

const isOriginal = (sql: Sqlite.Database, table: string, ledger: string): boolean =>
  sql
    .prepare(
      `SELECT 1 FROM sqlite_schema t, sqlite_schema l WHERE t.type = 'table' AND t.name = ? COLLATE NOCASE
         AND l.type = 'table' AND l.name = ? AND t.rowid < l.rowid`,
    )
    .get(table, ledger) !== undefined;
