/**
 * Removes the objects that a changefeed keeps in the database that it watches. Each function runs inside a transaction
 * and can be repeated.
 */

import type Sqlite from 'better-sqlite3';
import type { Owner } from '../../../jobs/kind.ts';
import { quote } from '../names.ts';
import { objectsOf } from '../own-names.ts';
import { feedNames } from './names.ts';

/** Call first: without the log, every write to the tables with these triggers would fail. */
export const dropTriggers = (sql: Sqlite.Database, owner: Owner): void => {
  for (const { type, name } of leftBy(sql, owner)) {
    if (type === 'trigger') sql.exec(`DROP TRIGGER ${quote(name)}`);
  }
};

/**
 * Dropping a large table is one statement that cannot be interrupted, so its rows are deleted first. Returns false when
 * none are left.
 */
export const shrinkLog = (sql: Sqlite.Database, owner: Owner, rows: number): boolean => {
  const { log } = feedNames(owner);
  if (!leftBy(sql, owner).some(({ name }) => name === log)) return false;
  return sql.prepare(`DELETE FROM ${quote(log)} LIMIT ?`).run(rows).changes === rows;
};

export const dropLog = (sql: Sqlite.Database, owner: Owner): void => {
  dropTriggers(sql, owner);
  for (const { type, name } of leftBy(sql, owner)) sql.exec(`DROP ${type.toUpperCase()} ${quote(name)}`);
};

export const isAnythingLeft = (sql: Sqlite.Database, owner: Owner): boolean => leftBy(sql, owner).length > 0;

const leftBy = (sql: Sqlite.Database, owner: Owner) => objectsOf(sql, feedNames(owner).log);
