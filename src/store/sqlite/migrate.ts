/**
 * Migrates a store to this version. The migrations and the table that records them have Prisma's own layout and
 * checksums, so that `prisma migrate status` agrees; the server does not need Prisma's CLI.
 */
import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { type Migration, missingMigrations, readMigrations } from '../migrations.ts';

type Applied = Pick<Migration, 'name' | 'checksum'>;

/** Applies missing migrations, each in one transaction. Throws if the store is of another version or was modified. */
export const migrate = (
  file: string,
  directory: string,
): { readonly storeId: string; readonly applied: readonly string[] } => {
  const db = new Database(file, { timeout: 5_000 });
  try {
    db.pragma('journal_mode = WAL');
    // A table that is recreated is dropped on the way: rows that refer to it must not be deleted with it.
    db.pragma('foreign_keys = OFF');
    db.exec(MIGRATIONS_TABLE);
    const missing = missingMigrations(file, readMigrations(directory), appliedTo(db));
    for (const migration of missing) applyMigration(db, migration);
    const { storeId } = db.prepare<[], { storeId: string }>('SELECT storeId FROM Counters').get() ?? missingId(file);
    return { storeId, applied: missing.map(({ name }) => name) };
  } finally {
    db.close();
  }
};

/** The migrations that an existing store lacks, which is only read. */
export const missingIn = (file: string, known: readonly Migration[]): readonly Migration[] => {
  const db = new Database(file, { timeout: 5_000, readonly: true, fileMustExist: true });
  try {
    return missingMigrations(file, known, appliedTo(db));
  } finally {
    db.close();
  }
};

const appliedTo = (db: Database.Database): readonly Applied[] =>
  db.prepare<[], Applied>('SELECT migration_name AS name, checksum FROM _prisma_migrations ORDER BY started_at').all();

const missingId = (file: string): never => {
  throw new Error(`${file} has no id: its table Counters is empty`);
};

const applyMigration = (db: Database.Database, { name, script, checksum }: Migration) => {
  db.transaction(() => {
    db.exec(script);
    const now = Date.now();
    db.prepare(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES (?, ?, ?, ?, ?, 1)`,
    ).run(randomUUID(), checksum, name, now, now);
  }).immediate();
};

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;
