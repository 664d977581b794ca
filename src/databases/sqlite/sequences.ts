/** The numbers of AUTOINCREMENT: a table that SQLite makes with the first that needs it, and never removes. */
import type Sqlite from 'better-sqlite3';
import { quote } from './names.ts';
import { rename } from './rename.ts';

export const hasSequences = (sql: Sqlite.Database, schema = 'main'): boolean =>
  sql.prepare(`SELECT 1 FROM ${quote(schema)}.sqlite_schema WHERE name = 'sqlite_sequence'`).get() !== undefined;

/** Inside a transaction: removes that table where nothing needs it. @param spare a name that nothing has */
export const dropSequences = (sql: Sqlite.Database, spare: string): void => {
  if (!hasSequences(sql)) return;
  const isUsed =
    sql.prepare('SELECT 1 FROM sqlite_sequence').get() !== undefined ||
    sql.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'").get() !== undefined;
  if (isUsed) return;
  // Under its own name it may not be dropped.
  rename(sql, [{ from: 'sqlite_sequence', sql: `CREATE TABLE ${quote(spare)}(name,seq)` }]);
  sql.exec(`DROP TABLE ${quote(spare)}`);
};
