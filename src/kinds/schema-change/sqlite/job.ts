import { statfsSync } from 'node:fs';
import path from 'node:path';
import { fenced } from '../../../databases/sqlite/fenced.ts';
import { createLockFairness, type LockFairness } from '../../../databases/sqlite/lock-fairness.ts';
import type { Target } from '../../../databases/sqlite/open.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { type Io, Transient } from '../../../jobs/kind.ts';
import type { SchemaChangeStep, SchemaChangeSteps, SchemaChangeWork } from '../port.ts';

/** One claimed schema change with its target open. */
export interface Job {
  readonly work: SchemaChangeWork;
  readonly io: Io;
  readonly target: Target;
  /** Gives other writers the lock between two batches. */
  readonly fairness: LockFairness;
}

/** Disk space reserved for writers, and for reverting the job that filled the disk. */
const RESERVE_BYTES = 8 * 1_024 ** 2;

/** @throws Transient when the disk is almost full */
export const checkDiskSpace = ({ environment }: Io): void => {
  const free = freeBytes(path.dirname(fileOf(environment) ?? '.'));
  if (free < RESERVE_BYTES) throw new Transient('disk is full');
};

const freeBytes = (folder: string): number => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // A missing directory is reported by the next write to it.
    return Number.POSITIVE_INFINITY;
  }
};

const CACHE_KB = 65_536;
/** Lower than the writers' default of 1,000 pages, so that this job checkpoints before they have to. */
const CHECKPOINT_PAGES = 500;

export const openJob = (work: SchemaChangeWork, io: Io, target: Target): Job => {
  // Rows are moved, not changed: foreign key actions must not run.
  target.sql.pragma('foreign_keys = OFF');
  target.sql.pragma('wal_autocheckpoint = 0');
  target.sql.pragma(`cache_size = -${CACHE_KB}`);
  return { work, io, target, fairness: createLockFairness(target.sql) };
};

/** One transaction under the fence, once the writers that waited for the last one have had access to the lock. */
export async function* change<R>(
  { work, io, target, fairness }: Job,
  last: SchemaChangeStep,
  make: () => SchemaChangeSteps<R> | R,
): SchemaChangeSteps<R> {
  await fairness.wait(io.signal);
  let beganAt = 0;
  const result = yield* fenced(target, work.claim, last, io.signal, () => {
    beganAt = performance.now();
    return make();
  });
  fairness.released(performance.now() - beganAt);
  checkpointWal(target);
  return result;
}

/** Does what SQLite would do automatically after a commit, at a point where its time is not counted as lock time. */
const checkpointWal = ({ sql }: Target) => {
  const [wal] = sql.pragma('wal_checkpoint(NOOP)') as { readonly log: number; readonly checkpointed: number }[];
  if (wal !== undefined && wal.log - wal.checkpointed >= CHECKPOINT_PAGES) sql.pragma('wal_checkpoint(PASSIVE)');
};
