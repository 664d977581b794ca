/** The job store of a server under test: SQLite, or PostgreSQL with STORE=postgres. */
import { createPostgresDatabase } from './postgres.ts';

const isPostgres = process.env.STORE === 'postgres';
const databases = new Map<string, ReturnType<typeof createPostgresDatabase>>();

/** A server that is started again on the same folder finds its store again. */
export const storeOf = async (folder: string) => {
  if (!isPostgres) return { settings: {}, remove: async () => undefined };
  const making = databases.get(folder) ?? createPostgresDatabase();
  databases.set(folder, making);
  const { url, drop } = await making;
  return { settings: { DATABASE_URL: url, SIGNALBOX_SECRET: 'the secret of the tests' }, remove: drop };
};
