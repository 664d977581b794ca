/**
 * The folder of a job, for what is on its way, and in it the fence of a job that works in files rather than in tables:
 * `state.db`, with the row that every target has. Where the folder was lost, so is the position of the job.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Environment, type Io, PauseAsked, type Task, type Work } from '../../jobs/kind.ts';
import { enter, lostMessage, markBegan, requireCurrent } from './acquire-fence.ts';
import { failureOf } from './errors.ts';
import { createDatabaseFile, openDatabase, type Target } from './open.ts';

type AnyWork = Work<unknown, unknown>;
type Where = Pick<Environment, 'workDir'>;

export const workDirOf = ({ workDir }: Where, jobId: string): string => path.join(workDir, jobId);

/**
 * Makes what is missing, and enters the claim; see `enter`. Where work began and the folder is gone, so is the position.
 * @throws Fenced; Transient while the disk is full
 */
export const enterWorkDir = async (work: Pick<AnyWork, 'claim' | 'began'>, io: Io, task: Task): Promise<boolean> => {
  const { claim, began } = work;
  const folder = workDirOf(io.environment, claim.jobId);
  let target: Target | undefined;
  try {
    if (!existsSync(stateFile(folder))) {
      const lost = lostMessage(claim, 'the data folder');
      if (task === 'release') return false;
      if (task === 'run' && began) throw new PauseAsked(lost);
      await requireCurrent(claim, io);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      createDatabaseFile(stateFile(folder));
    }
    target = openDatabase(stateFile(folder), NAME, { lockWaitMs: 50 });
    return await enter(target, work, io, task, lostMessage(claim, 'the data folder'));
  } catch (error) {
    throw failureOf(error, NAME);
  } finally {
    target?.close();
  }
};

/** Keeps all older claims out of the folder of a job that works in files. */
export const acquireWorkDirFence = async (
  work: Pick<AnyWork, 'claim' | 'began'>,
  io: Io,
  task: Task,
): Promise<void> => {
  if (await enterWorkDir(work, io, task)) await markBegan(work.claim, io);
};

/** @throws Transient when it is missing: the next claim makes it again */
export const openWorkDir = (where: Where, jobId: string): Target =>
  openDatabase(stateFile(workDirOf(where, jobId)), NAME, { lockWaitMs: 1_000 });

export const removeWorkDir = (where: Where, jobId: string): Promise<void> =>
  rm(workDirOf(where, jobId), { recursive: true, force: true });

const NAME = "of the job's own state";
const stateFile = (folder: string) => path.join(folder, 'state.db');
