/**
 * Brings a store to what this version knows. The migrations and the table that remembers them are Prisma's own in
 * layout and checksum, so that `prisma migrate status` agrees; Prisma's CLI itself is not needed where the server runs.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

interface Migration {
  readonly name: string;
  readonly script: string;
  readonly checksum: string;
}

/** Applies what is missing, each migration in one transaction. Throws when the store is of another version or changed. */
export const migrate = (file: string, directory: string): { readonly storeId: string } => {
  const db = new Database(file, { timeout: 5_000 });
  try {
    db.pragma('journal_mode = WAL');
    // A table that is made anew is dropped on the way: what refers to it must not go with it.
    db.pragma('foreign_keys = OFF');
    db.exec(MIGRATIONS_TABLE);
    const known = readMigrations(directory);
    const applied = db
      .prepare('SELECT migration_name AS name, checksum FROM _prisma_migrations ORDER BY started_at')
      .all();
    for (const { name, checksum } of applied as Migration[]) {
      const own = known.find((migration) => migration.name === name);
      if (own === undefined) throw new Error(`${file} was made by a newer version: it has the migration ${name}`);
      if (own.checksum !== checksum) throw new Error(`the migration ${name} is not the one that ${file} was made with`);
    }
    for (const migration of known) {
      if (!applied.some((row) => (row as Migration).name === migration.name)) applyMigration(db, migration);
    }
    return db.prepare<[], { storeId: string }>('SELECT storeId FROM Counters').get() ?? missingId(file);
  } finally {
    db.close();
  }
};

const missingId = (file: string): never => {
  throw new Error(`${file} has no id: its table Counters is empty`);
};

const readMigrations = (directory: string): readonly Migration[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const script = readFileSync(join(directory, name, 'migration.sql'), 'utf8');
      return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
    });

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
