/**
 * Migrates a store to this version. The migrations and the table that records them have Prisma's own layout and
 * checksums, so that `prisma migrate status` agrees. All that are missing are applied in one transaction, under a lock:
 * of several servers that start at the same time, one migrates and the others find nothing to do.
 */
import { randomUUID } from 'node:crypto';
import { type Migration, missingMigrations, readMigrations } from '../migrations.ts';
import { sql } from '../sql.ts';
import type { Connection } from './connection.ts';

/** Names the store in messages. */
const STORE = 'the job store';
/** Any two numbers that other programs on the same database are unlikely to use. */
const LOCK = '1397640012, 1';

/** @returns the names of the migrations that were missing */
export const migrate = async (db: Connection, directory: string): Promise<readonly string[]> => {
  const known = readMigrations(directory);
  await db.script(`BEGIN; SELECT pg_advisory_xact_lock(${LOCK}); ${MIGRATIONS_TABLE}`);
  try {
    const lacking = await missing(db, known);
    for (const migration of lacking) await apply(db, migration);
    await db.script('COMMIT');
    return lacking.map(({ name }) => name);
  } catch (error) {
    await db.script('ROLLBACK').catch(() => undefined);
    throw error;
  }
};

/** The migrations that an existing store lacks, which is only read. Null: the database contains no store. */
export const missingIn = async (db: Connection, directory: string): Promise<readonly Migration[] | null> => {
  const [row] = await db.script<{ readonly isStore: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS is_store`,
  );
  return row?.isStore ? missing(db, readMigrations(directory)) : null;
};

/** Versions that run together: while servers are upgraded one by one, the older ones go on. */
const missing = async (db: Connection, known: readonly Migration[]) => {
  const applied = await appliedTo(db);
  return missingMigrations(STORE, known, applied, applied.length === 0 ? null : await readableBy(db));
};

/** Stores of older versions have no such column. */
const readableBy = async (db: Connection): Promise<string | null> => {
  const [row] = await db.rows<{ readonly name: string | null }>(
    sql`SELECT to_jsonb(c) ->> 'readable_by' AS name FROM counters c`,
  );
  return row?.name ?? null;
};

const appliedTo = (db: Connection) =>
  db.rows<Pick<Migration, 'name' | 'checksum'>>(
    sql`SELECT migration_name AS name, checksum FROM _prisma_migrations ORDER BY started_at`,
  );

const apply = async (db: Connection, { name, script, checksum }: Migration) => {
  await db.script(script);
  await db.run(sql`INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
    VALUES (${randomUUID()}, ${checksum}, ${name}, clock_timestamp(), clock_timestamp(), 1)`);
};

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;
