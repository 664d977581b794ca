import type Sqlite from 'better-sqlite3';

/** Keeps a schema change from going on, by the lock of its database, when it has copied some thousands of rows. */
export const holdPartway = async (sql: Sqlite.Database) => {
  const copy = sql.prepare("SELECT name FROM sqlite_schema WHERE name GLOB '_signalbox_*schema_*_0'").pluck();
  for (;;) {
    const name = copy.get();
    if (name !== undefined && Number(sql.prepare(`SELECT max(id) FROM ${name}`).pluck().get()) > 5_000) break;
    await new Promise(setImmediate);
  }
  sql.exec('BEGIN IMMEDIATE');
};
