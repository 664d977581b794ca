/** The job store of a server under test: SQLite, or PostgreSQL with STORE=postgres. */
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { createPostgresDatabase, execute } from './postgres.ts';

const databases = new Map<string, ReturnType<typeof createPostgresDatabase>>();

/** A server that is started again on the same folder finds its store again. */
export const storeOf = async (folder: string, embedded: boolean) => {
  if (embedded) return { settings: {}, remove: async () => undefined };
  const making = databases.get(folder) ?? createPostgresDatabase();
  databases.set(folder, making);
  const { url, drop } = await making;
  return { settings: { DATABASE_URL: url, SIGNALBOX_SECRET: 'the secret of the tests' }, remove: drop };
};

/** Whether the store of a server that has this data folder is on PostgreSQL. */
export const isOnPostgres = (dataDir: string): boolean => databases.has(dirname(dataDir));

/**
 * Executes a statement in the store of a server, which may be running or stopped. Names are those of the schema's models
 * and fields, and parameters are question marks, whatever the store.
 */
export const inStore = async <R extends object>(
  dataDir: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> => {
  const database = await databases.get(dirname(dataDir));
  if (database === undefined) return inSqlite<R>(join(dataDir, 'signalbox.db'), statement, values);
  const rows = await execute(database.url, inPostgres(statement), [...values]);
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [camelOf(name), value])) as R);
};

const inSqlite = <R>(file: string, statement: string, values: readonly unknown[]): readonly R[] => {
  const db = new Sqlite(file);
  try {
    db.pragma('foreign_keys = ON');
    const prepared = db.prepare<unknown[], R>(statement);
    if (prepared.reader) return prepared.all(...values);
    prepared.run(...values);
    return [];
  } finally {
    db.close();
  }
};

/** Texts in quotes stay as they are. */
const inPostgres = (statement: string): string => {
  let parameters = 0;
  return statement.replace(/'[^']*'|"[^"]*"|\?|\b[A-Za-z]*[a-z][A-Za-z]*\b/g, (part) => {
    if (part.startsWith("'") || part.startsWith('"')) return part;
    if (part === '?') {
      parameters += 1;
      return `$${parameters}`;
    }
    return part.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
  });
};

const camelOf = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
