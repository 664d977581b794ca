/** A few rare writes by a program that does not run jobs, next to a server that may be using the store. */
import { join } from 'node:path';
import { readMigrations } from '../migrations.ts';
import type { Administer } from '../store.ts';
import { connect, transaction } from './client.ts';
import { lockStore, StoreInUseError } from './lock.ts';
import { migrate, missingIn } from './migrate.ts';
import { fileOf } from './open.ts';
import { createToken, revokeToken } from './tokens.ts';
import { seed } from './users.ts';

/** A server notices the commit by itself. It is the only one that migrates a store while it uses it. */
export const administerSqliteStore: Administer = async ({ url, migrations }) => {
  const file = fileOf(url);
  const folder = join(migrations, 'sqlite', 'migrations');
  const lock = lockUnlessInUse(file);
  try {
    if (lock !== null) migrate(file, folder);
    else if (missingIn(file, readMigrations(folder)).length > 0) {
      throw new Error(`the server that uses ${file} is of an older version: stop it first`);
    }
    const db = await connect(file, 'writer');
    await transaction(db, () => seed(db, Date.now()));
    return {
      createToken: (token, now, by) => transaction(db, () => createToken(db, token, now, by)),
      revokeToken: (id, by) => transaction(db, () => revokeToken(db, id, by)),
      close: async () => {
        await db.close();
        lock?.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
};

const lockUnlessInUse = (file: string) => {
  try {
    return lockStore(file);
  } catch (error) {
    if (error instanceof StoreInUseError) return null;
    throw error;
  }
};
