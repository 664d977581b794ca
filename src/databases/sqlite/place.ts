import type { Environment } from '../../jobs/kind.ts';

/**
 * The file of the job's database; null if there is none.
 * @throws Error for a database of another engine
 */
export const fileOf = ({ database }: Pick<Environment, 'database'>): string | null => {
  if (database === null) return null;
  if (database.engine !== 'sqlite') throw new Error(`databases of ${database.engine} are not supported yet`);
  return database.file;
};
