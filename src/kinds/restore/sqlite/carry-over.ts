/** What a database has besides its tables, and a restore takes over where the target has none. */
import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import { findObject } from '../../../databases/sqlite/catalogue.ts';
import type { Plan } from './plan.ts';

/** Runs in the transaction that publishes the tables. `from` is the schema name of the snapshot. */
export const carryOver = (sql: Sqlite.Database, from: string, plan: Plan): void => {
  for (const name of ['user_version', 'application_id']) {
    const [own, value] = ['main', from].map(
      (schema) => sql.pragma(`${quote(schema)}.${name}`, { simple: true }) as number,
    );
    if (own === 0 && value !== 0) sql.pragma(`main.${name} = ${value}`);
  }
  for (const name of ['sqlite_stat1', 'sqlite_stat4']) copyStatistics(sql, from, name, plan);
};

/** The statistics of ANALYZE for the restored tables. */
const copyStatistics = (sql: Sqlite.Database, from: string, name: string, { tables, virtual }: Plan) => {
  const has = sql.prepare(`SELECT 1 FROM ${quote(from)}.sqlite_schema WHERE name = ?`).get(name) !== undefined;
  if (!has) return;
  // SQLite alone can create its own tables: this analyzes none.
  if (findObject(sql, 'table', name) === undefined) sql.exec('ANALYZE main.sqlite_schema');
  if (findObject(sql, 'table', name) === undefined) return;
  const copy = sql.prepare(`INSERT INTO main.${name} SELECT * FROM ${quote(from)}.${name} WHERE tbl = ?`);
  for (const table of [...tables, ...virtual]) copy.run(table.name);
};
