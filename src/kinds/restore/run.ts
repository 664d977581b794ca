import { existsSync } from 'node:fs';
import path from 'node:path';
import { dropTables, tablesNamed } from '../../databases/drop.ts';
import { codeOf, failureOf } from '../../databases/failures.ts';
import { enterEpoch, isEntered, removeEntry } from '../../databases/fence.ts';
import { begin } from '../../databases/lock.ts';
import { enterScratch, openScratch, removeScratch, scratchOf } from '../../databases/scratch.ts';
import { openDatabase, type Target } from '../../databases/sqlite.ts';
import { type Io, type Places, Transient } from '../../jobs/kind.ts';
import { hiddenPrefix, type RestoreWork, type Steps } from './details.ts';
import { hiddenFile, removeHidden, restoreFile } from './file.ts';
import { restoreTables } from './tables.ts';

/**
 * Keeps all older claims out: of the job's folder, and of the target. Where there is no target, or one that cannot be
 * written to and never was by this job, there is nothing to keep out of: whether that is an error, the work decides.
 */
export const enter = async ({ details, claim }: RestoreWork, { places, signal }: Io): Promise<void> => {
  await enterScratch(places, claim, signal);
  const target = openTarget(details, places);
  if (target === null) return;
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
};

export async function* run(work: RestoreWork, io: Io): Steps {
  const { details, claim } = work;
  const { databaseFile } = io.places;
  if (databaseFile === null) throw new Transient(`database ${details.database} is not known any more`);
  const scratch = openScratch(io.places, claim.jobId);
  try {
    if (details.makesDatabase) {
      yield* restoreFile({ work, io, scratch, file: hiddenFile(databaseFile, claim.jobId) }, databaseFile);
    } else {
      const file = path.join(scratchOf(io.places, claim.jobId), 'picture.db');
      yield* restoreTables({ work, io, scratch, file }, databaseFile);
    }
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    scratch.close();
  }
  await removeScratch(io.places, claim.jobId);
}

/** Takes everything back, in batches where it is much. It can be stopped anywhere, and done again. */
export async function* revert(work: RestoreWork, io: Io): Steps {
  const { details, claim } = work;
  const { databaseFile } = io.places;
  const target = openTarget(details, io.places);
  if (target !== null) {
    try {
      yield* dropHidden(target, work, io);
    } catch (error) {
      throw failureOf(error, details.database);
    } finally {
      target.close();
    }
  }
  if (details.makesDatabase && databaseFile !== null) removeHidden(databaseFile, claim.jobId);
  await removeScratch(io.places, claim.jobId);
}

/** Removes what keeps older claims out, and what could not be taken back as long as the database was away. */
export const forget = async (work: RestoreWork, places: Places): Promise<void> => {
  const { details, claim } = work;
  const { databaseFile } = places;
  await removeScratch(places, claim.jobId);
  if (databaseFile === null || !existsSync(databaseFile)) return;
  const target = openDatabase(databaseFile, details.database, { lockWaitMs: 0 });
  const { signal } = new AbortController();
  try {
    if (!isEntered(target.sql, claim)) return;
    for await (const _ of dropHidden(target, work, { signal }));
    await begin(target, signal);
    removeEntry(target.sql, claim);
    target.commit();
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
};

/** Null where the database is made, or is not there. */
const openTarget = ({ makesDatabase, database }: RestoreWork['details'], { databaseFile }: Places): Target | null =>
  makesDatabase || databaseFile === null || !existsSync(databaseFile)
    ? null
    : openDatabase(databaseFile, database, { lockWaitMs: 50 });

async function* dropHidden(target: Target, work: RestoreWork, io: Pick<Io, 'signal'>): Steps {
  target.sql.pragma('foreign_keys = OFF');
  const tables = tablesNamed(target, hiddenPrefix(work.claim.jobId));
  const step = { checkpoint: work.checkpoint ?? { fraction: 0 }, message: 'removing rows' };
  yield* dropTables(target, work.claim, tables, step, io);
}
