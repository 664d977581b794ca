/**
 * The work directory of a job, for unfinished files. For a job that works on files rather than tables, it also holds
 * the fence: `state.db`, with the record that every target has. If the directory is lost, so is the position of the
 * job.
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
 * Creates missing files and acquires the fence for the claim; see `enter`. If work began and the directory is missing,
 * the position is lost.
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

/** Keeps all older claims out of the directory of a job that works on files. */
export const acquireWorkDirFence = async (
  work: Pick<AnyWork, 'claim' | 'began'>,
  io: Io,
  task: Task,
): Promise<void> => {
  if (await enterWorkDir(work, io, task)) await markBegan(work.claim, io);
};

/** @throws Transient when it is missing: the next claim creates it again */
export const openWorkDir = (where: Where, jobId: string): Target =>
  openDatabase(stateFile(workDirOf(where, jobId)), NAME, { lockWaitMs: 1_000 });

export const removeWorkDir = (where: Where, jobId: string): Promise<void> =>
  rm(workDirOf(where, jobId), { recursive: true, force: true });

const NAME = "of the job's own state";
const stateFile = (folder: string) => path.join(folder, 'state.db');
