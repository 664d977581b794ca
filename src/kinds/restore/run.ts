import path from 'node:path';
import { enterTarget, markBegan, openForRevert } from '../../databases/sqlite/acquire-fence.ts';
import { cleanUp as cleanUpTarget } from '../../databases/sqlite/clean-up.ts';
import { dropTables } from '../../databases/sqlite/drop.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { readCheckpoint } from '../../databases/sqlite/fence.ts';
import { fenced } from '../../databases/sqlite/fenced.ts';
import { objectsOf } from '../../databases/sqlite/own-names.ts';
import { fileOf } from '../../databases/sqlite/place.ts';
import { dropSequences } from '../../databases/sqlite/rename.ts';
import { enterWorkDir, openWorkDir, removeWorkDir, workDirOf } from '../../databases/sqlite/work-directory.ts';
import { type Environment, type Io, type Task, Transient } from '../../jobs/kind.ts';
import { ownNameOf, type RestoreWork, type State, type Steps } from './details.ts';
import { hiddenFile, removeHidden, restoreFile } from './file.ts';
import { restoreTables } from './tables.ts';

/** Keeps older claims out of the work directory, and out of an existing target. */
export const acquireFence = async (work: RestoreWork, io: Io, task: Task): Promise<void> => {
  // The job counts as begun only after both fences are acquired: one without the other would look like lost
  // state.
  const isEntered = await enterWorkDir(work, io, task);
  if (!work.details.makesDatabase) await enterTarget(work, io, task);
  if (isEntered) await markBegan(work.claim, io);
};

export async function* run(work: RestoreWork, io: Io): Steps {
  const { details, claim } = work;
  const databaseFile = fileOf(io.environment);
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
}

/** Reverts the restore, in batches if there is much to remove. It can be stopped anywhere and repeated. */
export async function* revert(work: RestoreWork, io: Io): Steps {
  const { details, claim } = work;
  const databaseFile = fileOf(io.environment);
  if (!details.makesDatabase) yield* dropHidden(work, io);
  else if (databaseFile !== null) removeHidden(databaseFile, claim.jobId);
}

/** Removes the fences, and everything that could not be removed while the database was unavailable. */
export const cleanUp = async (
  work: Pick<RestoreWork, 'details' | 'claim'>,
  environment: Environment,
  when: 'ended' | 'removed',
): Promise<void> => {
  await removeWorkDir(environment, work.claim.jobId);
  await cleanUpTarget(work, environment, ownNameOf(work.claim), when);
};

async function* dropHidden(work: RestoreWork, io: Io): Steps {
  const { details, claim } = work;
  const target = openForRevert(work, io);
  if (target === null) return;
  try {
    target.sql.pragma('foreign_keys = OFF');
    const own = objectsOf(target.sql, ownNameOf(claim)).map(({ name }) => name);
    const step = { checkpoint: work.checkpoint ?? { fraction: 0 }, message: 'removing rows' };
    yield* dropTables(target, claim, own, step, io);
    if (readCheckpoint<State>(target.sql, claim)?.hadSequences !== false) return;
    yield* fenced(target, claim, step, io.signal, () => dropSequences(target.sql, `${ownNameOf(claim)}_sequences`));
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
}
