import { existsSync } from 'node:fs';
import { codeOf, failureOf } from '../../databases/failures.ts';
import { enterEpoch, isEntered } from '../../databases/fence.ts';
import { begin } from '../../databases/lock.ts';
import { openDatabase } from '../../databases/sqlite.ts';
import type { Io, Work } from '../../jobs/kind.ts';
import type { Checkpoint, Details } from './details.ts';

/**
 * Keeps all older claims out of the target. Where there is no file, or one that cannot be written to and never was by
 * this job, there is nothing to keep out of: whether that is an error, the work decides. Undoing must not fail over it.
 */
export async function enter(
  { details, claim }: Work<Details, Checkpoint | null>,
  { places, signal }: Io,
): Promise<void> {
  const { databaseFile } = places;
  if (databaseFile === null || !existsSync(databaseFile)) return;
  const target = openDatabase(databaseFile, details.database, { lockWaitMs: 50 });
  try {
    await begin(target, signal);
    enterEpoch(target.sql, claim);
    target.commit();
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_READONLY') && !isEntered(target.sql, claim)) return;
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
}
