/**
 * The folder of a job, for what is on its way, and in it the fence of a job that works in files rather than in tables:
 * `state.db`, with the row that every target has. Where the folder was lost, the job begins from nothing.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Environment } from '../../jobs/kind.ts';
import { failureOf } from './errors.ts';
import { insertFence } from './fence.ts';
import { begin } from './lock.ts';
import { createDatabaseFile, openDatabase, type Target } from './open.ts';

type Where = Pick<Environment, 'workDir'>;

export const workDirOf = ({ workDir }: Where, jobId: string): string => path.join(workDir, jobId);

/** Makes what is missing. @throws Fenced as `enterEpoch` does */
export const acquireWorkDirFence = async (
  where: Where,
  claim: { readonly jobId: string; readonly epoch: number },
  signal: AbortSignal,
): Promise<void> => {
  const folder = workDirOf(where, claim.jobId);
  let target: Target | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!existsSync(stateFile(folder))) createDatabaseFile(stateFile(folder));
    target = openDatabase(stateFile(folder), NAME, { lockWaitMs: 50 });
    await begin(target, signal);
    insertFence(target.sql, claim);
    target.commit();
  } catch (error) {
    throw failureOf(error, NAME);
  } finally {
    target?.close();
  }
};

/** @throws Transient when it is missing: the next claim makes it again */
export const openWorkDir = (where: Where, jobId: string): Target =>
  openDatabase(stateFile(workDirOf(where, jobId)), NAME, { lockWaitMs: 1_000 });

export const removeWorkDir = (where: Where, jobId: string): Promise<void> =>
  rm(workDirOf(where, jobId), { recursive: true, force: true });

const NAME = "of the job's own state";
const stateFile = (folder: string) => path.join(folder, 'state.db');
