import { existsSync } from 'node:fs';
import path from 'node:path';
import { acquireFence as acquireTargetFence } from '../../databases/sqlite/acquire-fence.ts';
import { cleanUp as cleanUpTarget, objectsOf } from '../../databases/sqlite/clean-up.ts';
import { dropTables } from '../../databases/sqlite/drop.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { checkFence, readState } from '../../databases/sqlite/fence.ts';
import { lock } from '../../databases/sqlite/lock.ts';
import { openDatabase } from '../../databases/sqlite/open.ts';
import { dropSequences } from '../../databases/sqlite/rename.ts';
import { acquireWorkDirFence, openWorkDir, removeWorkDir, workDirOf } from '../../databases/sqlite/work-directory.ts';
import { type Environment, type Io, Transient } from '../../jobs/kind.ts';
import { ownName, type RestoreWork, type State, type Steps } from './details.ts';
import { hiddenFile, removeHidden, restoreFile } from './file.ts';
import { restoreTables } from './tables.ts';

/** Keeps all older claims out of the job's folder, and of a target that is there. */
export const acquireFence = async (work: RestoreWork, io: Io): Promise<void> => {
  await acquireWorkDirFence(io.environment, work.claim, io.signal);
  if (!work.details.makesDatabase) await acquireTargetFence(work, io);
};

export async function* run(work: RestoreWork, io: Io): Steps {
  const { details, claim } = work;
  const { databaseFile } = io.environment;
  if (databaseFile === null) throw new Transient(`database ${details.database} is not known any more`);
  const scratch = openWorkDir(io.environment, claim.jobId);
  try {
    if (details.makesDatabase) {
      yield* restoreFile({ work, io, scratch, file: hiddenFile(databaseFile, claim.jobId) }, databaseFile);
    } else {
      const file = path.join(workDirOf(io.environment, claim.jobId), 'picture.db');
      yield* restoreTables({ work, io, scratch, file }, databaseFile);
    }
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    scratch.close();
  }
  await removeWorkDir(io.environment, claim.jobId);
}

/** Takes everything back, in batches where it is much. It can be stopped anywhere, and done again. */
export async function* revert(work: RestoreWork, io: Io): Steps {
  const { details, claim } = work;
  const { databaseFile } = io.environment;
  if (databaseFile !== null && !details.makesDatabase && existsSync(databaseFile)) {
    yield* dropHidden(databaseFile, work, io);
  }
  if (databaseFile !== null && details.makesDatabase) removeHidden(databaseFile, claim.jobId);
  await removeWorkDir(io.environment, claim.jobId);
}

/** Removes what keeps older claims out, and what could not be taken back as long as the database was away. */
export const cleanUp = async (work: RestoreWork, environment: Environment): Promise<void> => {
  await removeWorkDir(environment, work.claim.jobId);
  await cleanUpTarget(work, environment, ownName(work.claim.jobId));
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
    checkFence(target.sql, claim);
    dropSequences(target.sql, `${ownName(claim.jobId)}_sequences`);
    target.commit();
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.rollback();
    target.close();
  }
}
