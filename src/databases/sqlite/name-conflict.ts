import type Sqlite from 'better-sqlite3';

const SAID: Readonly<Record<string, string>> = { table: 'a table', view: 'a view', index: 'an index' };

/** What has this name already, so that no table can: `a table`, `a view`, `an index`; null when nothing has. */
export const whatTakes = (sql: Sqlite.Database, name: string): string | null => {
  const find = sql
    .prepare("SELECT type FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND type <> 'trigger'")
    .pluck();
  const type = find.get(name) as string | undefined;
  return type === undefined ? null : (SAID[type] ?? `a ${type}`);
};
