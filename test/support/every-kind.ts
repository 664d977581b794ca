/** Puts a database file through every kind of job on a running server, and compares what comes out. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { changesOf, TestApp } from './app.ts';

/** What each kind did: `ok`, a count, or the reason why it was refused. */
export interface Outcomes {
  readonly backup: string;
  readonly verify: string;
  readonly restoreNew: string;
  readonly restoreInto: string;
  readonly watched: string;
  readonly changed: string;
  readonly warnings: readonly string[];
}

interface Server {
  readonly app: TestApp;
  readonly changes: ReturnType<typeof changesOf>;
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

const withFile = <R>(file: string, use: (sql: Sqlite.Database) => R): R => {
  const sql = new Sqlite(file);
  try {
    return use(sql);
  } finally {
    sql.close();
  }
};

interface TableRow {
  readonly name: string;
  readonly wr: number;
}

/** The catalogue, in no order, without what jobs have there, and a hash of the rows of each table that SQLite can read. */
const contentOf = (file: string): Readonly<Record<string, string>> =>
  withFile(file, (sql) => {
    const objects = sql
      .prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_signalbox%' ESCAPE '\\'")
      .all() as { type: string; name: string; sql: string | null }[];
    const content: Record<string, string> = {};
    for (const { type, name, sql: text } of objects) {
      if (!/^sqlite_/.test(name)) content[`${type} ${name}`] = text ?? '';
    }
    for (const { name, wr } of tablesIn(sql)) {
      content[`rows of ${name}`] = hashOf(sql, name, wr === 1);
    }
    return content;
  });

const tablesIn = (sql: Sqlite.Database): readonly TableRow[] =>
  sql
    .prepare(
      "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_signalbox%' ESCAPE '\\'",
    )
    .all() as TableRow[];

const hashOf = (sql: Sqlite.Database, table: string, withoutRowid: boolean): string => {
  const hash = createHash('sha256');
  try {
    const select = sql.prepare(`SELECT ${withoutRowid ? '' : '_rowid_, '}* FROM ${quote(table)} NOT INDEXED`);
    for (const row of select.raw().safeIntegers().iterate() as IterableIterator<unknown[]>) {
      for (const value of row) hash.update(Buffer.isBuffer(value) ? value : `${typeof value} ${value}\n`);
    }
    return hash.digest('hex');
  } catch (error) {
    return String(error);
  }
};

/** @param name of the database on the server, which is registered already; `file` is its file */
export const everyKind = async (server: Server, name: string, file: string): Promise<Outcomes> => {
  const { app } = server;
  const warnings: string[] = [];
  const run = async (type: string, input: object) => {
    const outcome = await runJob(server, type, input);
    warnings.push(...outcome.warnings);
    return outcome.failure;
  };
  const messageOf = async (type: string, input: object) => (await run(type, input))?.message ?? null;
  const before = contentOf(file);
  const same = (other: string) => (isEqual(contentOf(other), before) ? 'ok' : 'differs');
  const at = (one: string) => join(app.dataDir, 'databases', `${one}.db`);
  const source = `nodelocal:///${name}/backup`;
  const backup = (await messageOf('BACKUP', { database: name, destination: source })) ?? 'ok';
  const verify = (await messageOf('RESTORE', { database: `${name}_none`, source, verifyOnly: true })) ?? 'ok';
  const isNew = await messageOf('RESTORE', { database: `${name}_new`, source });
  const restoreNew = isNew ?? same(at(`${name}_new`));
  await app.send({ query: `mutation { createDatabase(input: { name: "${name}_into" }) { database { name } } }` });
  const encoding = withFile(file, (sql) => sql.pragma('encoding', { simple: true }));
  withFile(at(`${name}_into`), (sql) =>
    sql.exec(`PRAGMA encoding = '${encoding}'; CREATE TABLE theirs (a); DROP TABLE theirs`),
  );
  const restoreInto = (await messageOf('RESTORE', { database: `${name}_into`, source })) ?? same(at(`${name}_into`));
  const watched = await watch(run, app, name, file);
  const untouched = same(file);
  if (untouched !== 'ok')
    return { backup, verify, restoreNew, restoreInto, watched, changed: 'the source differs', warnings };
  return { backup, verify, restoreNew, restoreInto, watched, changed: await change(run, name, file), warnings };
};

const isEqual = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

interface Failure {
  readonly message: string;
  /** The field of the input, if the creation was refused. */
  readonly field?: string | undefined;
}

/** The error of a creation that is refused, or of a job that fails; null for success. */
const runJob = async ({ app, changes }: Server, type: string, input: object) => {
  try {
    const { id } = await app.create(type, input, 'root');
    await changes.ends(id);
    const { data } = await app.send({ query: `{ job(id: "${id}") { error warnings } }` });
    const { error, warnings } = (data as { job: { error: string | null; warnings: string[] } }).job;
    const failure: Failure | null = error === null ? null : { message: error };
    return { failure, warnings };
  } catch (error) {
    const { message, extensions } = error as Error & { readonly extensions?: { readonly field?: string } };
    const failure: Failure = { message, field: extensions?.field };
    return { failure, warnings: [] };
  }
};

type Run = (type: string, input: object) => Promise<Failure | null>;

/** Scans the tables that have a key, and counts the messages. */
const watch = async (run: Run, app: TestApp, name: string, file: string): Promise<string> => {
  const { tables, rows } = withFile(file, (sql) => {
    const keyed = tablesIn(sql).flatMap(({ name: table }) => {
      const count = hasKey(sql, table) && !isShadow(sql, table) ? countOf(sql, table) : null;
      return count === null ? [] : [{ table, count }];
    });
    return { tables: keyed.map(({ table }) => table), rows: keyed.reduce((sum, { count }) => sum + count, 0) };
  });
  if (tables.length === 0) return 'no table with a key';
  const error = await run('CHANGEFEED', {
    database: name,
    tables,
    initialScan: 'ONLY',
    sink: `nodelocal:///${name}/feed`,
  });
  if (error !== null) return error.message;
  const folder = join(app.dataDir, 'files', name, 'feed');
  const lines =
    rows === 0 ? [] : readdirSync(folder).flatMap((one) => readFileSync(join(folder, one), 'utf8').trim().split('\n'));
  const messages = lines.filter((line) => line.includes('"key"')).length;
  return messages === rows ? `ok, ${rows} rows` : `${messages} messages for ${rows} rows`;
};

/** Null if SQLite cannot read it here. */
const countOf = (sql: Sqlite.Database, table: string): number | null => {
  try {
    return sql
      .prepare(`SELECT count(*) FROM ${quote(table)} NOT INDEXED`)
      .pluck()
      .get() as number;
  } catch {
    return null;
  }
};

const hasKey = (sql: Sqlite.Database, table: string) =>
  sql.prepare('SELECT 1 FROM pragma_table_info(?) WHERE pk > 0').get(table) !== undefined;

const isShadow = (sql: Sqlite.Database, table: string) =>
  sql.prepare("SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = ? AND type = 'shadow'").get(table) !==
  undefined;

/** Copies each table that can be copied, with a CHECK that is true: everything but its statement is as before. */
const change = async (run: Run, name: string, file: string): Promise<string> => {
  const all = withFile(file, (sql) => tablesIn(sql).filter((table) => !isShadow(sql, table.name)));
  let tables = all.map((table) => table.name);
  const refused: string[] = [];
  const before = contentOf(file);
  for (;;) {
    if (tables.length === 0) break;
    const changes = tables.map((table) => ({ addCheck: { table, name: 'signalbox', expression: '1' } }));
    const failure = await run('SCHEMA_CHANGE', { database: name, changes });
    if (failure === null) break;
    const at = /^input\.changes\.(\d+)\./.exec(failure.field ?? '')?.[1];
    if (at === undefined) return failure.message;
    refused.push(failure.message);
    tables = tables.filter((_, i) => i !== Number(at));
  }
  const after = contentOf(file);
  const differs = Object.keys({ ...before, ...after }).find(
    (key) => before[key] !== after[key] && !tables.some((table) => key === `table ${table}`),
  );
  if (differs !== undefined) return `${differs} differs`;
  const made = `ok, ${tables.length} of ${all.length} tables`;
  return refused.length === 0 ? made : `${made}: ${refused.join('; ')}`;
};
