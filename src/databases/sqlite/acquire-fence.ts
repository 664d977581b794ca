import { existsSync } from 'node:fs';
import type { Io, Work } from '../../jobs/kind.ts';
import { codeOf, failureOf } from './errors.ts';
import { hasFence, insertFence } from './fence.ts';
import { begin } from './lock.ts';
import { openDatabase } from './open.ts';

/**
 * Keeps all older claims out of the job's database. Where there is no file, or one that cannot be written to and never
 * was by this job, there is nothing to keep out of: whether that is an error, the work decides. Undoing must not fail
 * over it.
 */
export async function acquireFence(
  { details, claim }: Work<{ readonly database: string }, unknown>,
  { environment, signal }: Io,
): Promise<void> {
  const { databaseFile } = environment;
  if (databaseFile === null || !existsSync(databaseFile)) return;
  const target = openDatabase(databaseFile, details.database, { lockWaitMs: 50 });
  try {
    await begin(target, signal);
    insertFence(target.sql, claim);
    target.commit();
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_READONLY') && !hasFence(target.sql, claim)) return;
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
}
