/** The names of the files in which ended jobs keep data for their readers: one for each job, removed with the job. */
import path from 'node:path';
import type { Environment } from '../jobs/kind.ts';

export const keptFile = ({ keptDir }: Pick<Environment, 'keptDir'>, jobId: string): string =>
  path.join(keptDir, `${jobId}.db`);

/** A file under this name is not complete. */
export const partOf = (file: string, unique: string): string => `${file}.${unique}.part`;

/** The job that a file in the folder belongs to; null for a file that belongs to nobody known. */
export const keptFileOwner = (name: string): { readonly jobId: string; readonly isPart: boolean } | null => {
  const [, jobId, part] = /^(\d{1,19})\.db(\.[\w-]+\.part)?$/.exec(name) ?? [];
  return jobId === undefined ? null : { jobId, isPart: part !== undefined };
};
