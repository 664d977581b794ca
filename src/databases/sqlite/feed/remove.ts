/** Removes what a changefeed keeps in the database that it watches. Each inside a transaction, and done again harmless. */
import type Sqlite from 'better-sqlite3';
import { objectsOf } from '../clean-up.ts';
import { quote } from '../names.ts';
import { feedNames } from './names.ts';

/** First: without their log, nobody could write to the tables that the triggers are of. */
export const dropTriggers = (sql: Sqlite.Database, jobId: string): void => {
  for (const { type, name } of leftBy(sql, jobId)) {
    if (type === 'trigger') sql.exec(`DROP TRIGGER ${quote(name)}`);
  }
};

/** Dropping a large table is one statement that nobody can interrupt: its rows go before. False when none is left. */
export const shrinkLog = (sql: Sqlite.Database, jobId: string, rows: number): boolean => {
  const { log } = feedNames(jobId);
  if (!leftBy(sql, jobId).some(({ name }) => name === log)) return false;
  return sql.prepare(`DELETE FROM ${quote(log)} LIMIT ?`).run(rows).changes === rows;
};

export const dropLog = (sql: Sqlite.Database, jobId: string): void => {
  dropTriggers(sql, jobId);
  for (const { type, name } of leftBy(sql, jobId)) {
    if (type === 'table') sql.exec(`DROP TABLE ${quote(name)}`);
  }
};

export const isAnythingLeft = (sql: Sqlite.Database, jobId: string): boolean => leftBy(sql, jobId).length > 0;

const leftBy = (sql: Sqlite.Database, jobId: string) => objectsOf({ sql }, feedNames(jobId).log);
