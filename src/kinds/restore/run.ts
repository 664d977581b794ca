import { existsSync } from 'node:fs';
import path from 'node:path';
import { enter as enterTarget } from '../../databases/sqlite/acquire-fence.ts';
import { forget as forgetTarget, objectsOf } from '../../databases/sqlite/clean-up.ts';
import { dropTables } from '../../databases/sqlite/drop.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { checkEpoch, readState } from '../../databases/sqlite/fence.ts';
import { lock } from '../../databases/sqlite/lock.ts';
import { openDatabase } from '../../databases/sqlite/open.ts';
import { dropSequences } from '../../databases/sqlite/sequences.ts';
import { enterScratch, openScratch, removeScratch, scratchOf } from '../../databases/sqlite/work-directory.ts';
import { type Io, type Places, Transient } from '../../jobs/kind.ts';
import { ownName, type RestoreWork, type State, type Steps } from './details.ts';
import { hiddenFile, removeHidden, restoreFile } from './file.ts';
import { restoreTables } from './tables.ts';

/** Keeps all older claims out of the job's folder, and of a target that is there. */
export const enter = async (work: RestoreWork, io: Io): Promise<void> => {
  await enterScratch(io.places, work.claim, io.signal);
  if (!work.details.makesDatabase) await enterTarget(work, io);
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
  if (databaseFile !== null && !details.makesDatabase && existsSync(databaseFile)) {
    yield* dropHidden(databaseFile, work, io);
  }
  if (databaseFile !== null && details.makesDatabase) removeHidden(databaseFile, claim.jobId);
  await removeScratch(io.places, claim.jobId);
}

/** Removes what keeps older claims out, and what could not be taken back as long as the database was away. */
export const forget = async (work: RestoreWork, places: Places): Promise<void> => {
  await removeScratch(places, work.claim.jobId);
  await forgetTarget(work, places, ownName(work.claim.jobId));
};

async function* dropHidden(databaseFile: string, work: RestoreWork, io: Io): Steps {
  const { details, claim } = work;
  const target = openDatabase(databaseFile, details.database, { lockWaitMs: 50 });
  try {
    target.sql.pragma('foreign_keys = OFF');
    const own = objectsOf(target, ownName(claim.jobId)).map(({ name }) => name);
    const step = { checkpoint: work.checkpoint ?? { fraction: 0 }, message: 'removing rows' };
    yield* dropTables(target, claim, own, step, io);
    if (readState<State>(target.sql, claim)?.hadSequences !== false) return;
    yield* lock(target, step, io.signal);
    checkEpoch(target.sql, claim);
    dropSequences(target.sql, `${ownName(claim.jobId)}_sequences`);
    target.commit();
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.rollback();
    target.close();
  }
}
