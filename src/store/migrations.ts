/** Migrations in Prisma's own layout and with its checksums, so that `prisma migrate status` agrees with the store. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Migration {
  readonly name: string;
  readonly script: string;
  readonly checksum: string;
}

/** The migrations of a folder, in the order in which they are applied. */
export const readMigrations = (folder: string): readonly Migration[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const script = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
    });

/**
 * The migrations that a store lacks. Throws for a store of a newer version that this one cannot use, and for one created
 * by other migrations.
 * @param readableBy the migration that a version has to know to use the store; null: all that the store has
 */
export const missingMigrations = (
  store: string,
  known: readonly Migration[],
  applied: readonly Pick<Migration, 'name' | 'checksum'>[],
  readableBy: string | null = null,
): readonly Migration[] => {
  const isReadable = readableBy !== null && known.some(({ name }) => name >= readableBy);
  for (const { name, checksum } of applied) {
    const own = known.find((migration) => migration.name === name);
    if (own === undefined && isReadable) continue;
    if (own === undefined) throw new Error(`${store} was made by a newer version: it has the migration ${name}`);
    if (own.checksum !== checksum) throw new Error(`the migration ${name} is not the one that ${store} was made with`);
  }
  return known.filter(({ name }) => !applied.some((migration) => migration.name === name));
};
