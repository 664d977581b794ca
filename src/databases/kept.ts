/** The names of the files in which ended jobs keep data for their readers: one for each job, removed with the job. */
import path from 'node:path';
import type { Environment } from '../jobs/kind.ts';

export const keptFile = ({ keptDir }: Pick<Environment, 'keptDir'>, jobId: string): string =>
  path.join(keptDir, `${jobId}.db`);

/** A file under this name is not complete. */
export const partOf = (file: string, unique: string): string => `${file}.${unique}.part`;
