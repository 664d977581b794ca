/** A store on PostgreSQL as tables: see ../copy.ts. */
import { join } from 'node:path';
import type { Numbered, OpenTables, TableRow, Value } from '../copy.ts';
import { sql } from '../sql.ts';
import { ANSWER_MS, type Connection, createLane } from './connection.ts';
import { failureOf } from './failures.ts';
import { migrate, missingIn } from './migrate.ts';

const ROWS_AT_ONCE = 1_000;
/** PostgreSQL takes 65,535 parameters in one statement. */
const MAX_PARAMETERS = 60_000;
/** A server that was killed leaves a session, whose heartbeats have ended. */
const ALIVE_MS = 60_000;
/** Held as by a server that writes: none can write in the meantime. */
const STORE_LOCK = 'SELECT pg_advisory_xact_lock(1397640012, 2)';

export const openPostgresTables: OpenTables = async ({ url, migrations, as }) => {
  const folder = join(migrations, 'postgres', 'migrations');
  const lane = createLane(url, ANSWER_MS);
  const use = <T>(work: (db: Connection) => Promise<T>) =>
    lane.use(work).catch((error) => {
      throw failureOf(error);
    });
  try {
    await use(async (db) => {
      const missing = await missingIn(db, folder);
      if (as === 'target') await migrate(db, folder);
      else if (missing === null) throw new Error('the database contains no job store');
      else if (missing.length > 0)
        throw new Error('the job store is of an older version: start a server of this version once');
      await requireUnused(db);
      await db.script(`BEGIN ISOLATION LEVEL ${as === 'source' ? 'REPEATABLE READ' : 'READ COMMITTED'}; ${STORE_LOCK}`);
      if (as === 'target') await empty(db);
    });
  } catch (error) {
    await lane.close();
    throw error;
  }
  return {
    columns: () =>
      use(async (db) => {
        const rows = await db.rows<{ readonly table: string; readonly column: string }>(
          sql`SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name <> '_prisma_migrations' ORDER BY table_name, ordinal_position`,
        );
        const names = [...new Set(rows.map(({ table }) => table))].sort((one, other) => rankOf(one) - rankOf(other));
        const columnsOf = (wanted: string) =>
          rows.flatMap(({ table, column }) => (table === wanted ? [camelOf(column)] : []));
        return Object.fromEntries(names.map((table) => [modelOf(table), columnsOf(table)]));
      }),
    rows: async function* (table) {
      await use((db) => db.script(`DECLARE copying NO SCROLL CURSOR FOR SELECT * FROM ${nameOf(table)}`));
      for (;;) {
        const rows = await use((db) => db.script<Record<string, unknown>>(`FETCH ${ROWS_AT_ONCE} FROM copying`));
        if (rows.length === 0) break;
        yield rows.map(plainOf);
      }
      await use((db) => db.script('CLOSE copying'));
    },
    insert: async (table, columns, rows) => {
      const atOnce = Math.max(1, Math.floor(MAX_PARAMETERS / columns.length));
      const flags = await use((db) => flagsOf(db, table));
      const names = columns.map((column) => `"${snakeOf(column)}"`).join(', ');
      for (let first = 0; first < rows.length; first += atOnce) {
        const part = rows.slice(first, first + atOnce);
        const values = part.flatMap((row) => columns.map((column) => valueFor(row[column] ?? null, flags.has(column))));
        const places = part.map(
          (_, n) => `(${columns.map((_column, at) => `$${n * columns.length + at + 1}`).join(', ')})`,
        );
        const text = `INSERT INTO ${nameOf(table)} (${names}) VALUES ${places.join(', ')}`;
        await use((db) => db.run({ text, values } as unknown as Parameters<Connection['run']>[0]));
      }
    },
    lastNumber: (of) =>
      use(async (db) => {
        const [row] = await db.script<{ readonly value: number }>(
          `SELECT greatest((SELECT last_value FROM ${sequenceOf(of)} WHERE is_called), (SELECT max(${columnOf(of)}) FROM ${tableOf(of)}),
            ${of === 'Job.revision' ? '(SELECT last_revision FROM counters)' : '0'}, 0) AS value`,
        );
        return row?.value ?? 0;
      }),
    setLastNumber: async (of, value) => {
      // A sequence that was never used hands out 1 first, and so does one that is set to 1 and counts as unused.
      await use((db) => db.script(`SELECT setval('${sequenceOf(of)}', ${Math.max(value, 1)})`));
    },
    commit: async () => {
      await use((db) => db.script('COMMIT'));
    },
    close: () => lane.close(),
  };
};

/** @throws Error, naming a server that uses the store */
const requireUnused = async (db: Connection) => {
  const [live] = await db.rows<{ readonly name: string }>(sql`SELECT coalesce(node, name) AS name FROM worker_session
    WHERE ended_at IS NULL AND heartbeat_at > extract(epoch FROM clock_timestamp()) * 1000 - ${ALIVE_MS}::bigint`);
  if (live !== undefined) throw new Error(`the job store is used by the server ${live.name}: stop all servers first`);
};

/** What a new store contains is in the other one too. @throws Error if it is not new */
const empty = async (db: Connection) => {
  const [row] = await db.script<{ readonly used: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM job) OR EXISTS (SELECT 1 FROM event) OR EXISTS (SELECT 1 FROM database)
      OR EXISTS (SELECT 1 FROM token) OR (SELECT count(*) > 1 FROM "user") AS used`,
  );
  if (row?.used) throw new Error('the database contains a job store that is not empty: name an empty database');
  await db.script('DELETE FROM audit_event; DELETE FROM worker_session; DELETE FROM "user"; DELETE FROM counters');
};

const flagsOf = async (db: Connection, table: string): Promise<ReadonlySet<string>> => {
  const rows = await db.rows<{ readonly name: string }>(sql`SELECT column_name AS name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = ${snakeOf(table)} AND data_type = 'boolean'`);
  return new Set(rows.map(({ name }) => camelOf(name)));
};

const valueFor = (value: Value, isFlag: boolean) => (isFlag && value !== null ? value !== 0 : value);
const plainOf = (row: Readonly<Record<string, unknown>>): TableRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : (value as Value)]),
  );

/** Tables that others refer to precede them. */
const FIRST = ['job', 'user', 'database'];
const rankOf = (table: string) => (FIRST.includes(table) ? FIRST.indexOf(table) : FIRST.length);

const snakeOf = (name: string) => name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
const camelOf = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const modelOf = (table: string) => camelOf(`_${table}`);
const nameOf = (table: string) => `"${snakeOf(table)}"`;
const tableOf = (of: Numbered) => nameOf(of.split('.')[0] ?? '');
const columnOf = (of: Numbered) => snakeOf(of.split('.')[1] ?? '');
const sequenceOf = (of: Numbered) => `${snakeOf(of.split('.')[0] ?? '')}_${columnOf(of)}_seq`;
