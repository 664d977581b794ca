import { statfsSync } from 'node:fs';
import path from 'node:path';
import { fenced } from '../../databases/sqlite/fenced.ts';
import type { Target } from '../../databases/sqlite/open.ts';
import { fileOf } from '../../databases/sqlite/place.ts';
import { type Io, type Step, Transient, type Work } from '../../jobs/kind.ts';
import type { Checkpoint, Details } from './details.ts';
import { createTurns, type Turns } from './lock-fairness.ts';

export type SchemaWork = Work<Details, Checkpoint | null>;
export type Steps<R = void> = AsyncGenerator<Step<Checkpoint | null>, R, void>;

/** One claimed schema change with its target open. */
export interface Job {
  readonly work: SchemaWork;
  readonly io: Io;
  readonly target: Target;
  /** Gives other writers the lock between two batches. */
  readonly turns: Turns;
}

/** Disk space reserved for writers, and for reverting the job that filled the disk. */
const RESERVE_BYTES = 8 * 1_024 ** 2;

/** @throws Transient when the disk is almost full */
export const checkRoom = ({ environment }: Io): void => {
  const room = roomAt(path.dirname(fileOf(environment) ?? '.'));
  if (room < RESERVE_BYTES) throw new Transient('disk is full');
};

const roomAt = (folder: string): number => {
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

export const openJob = (work: SchemaWork, io: Io, target: Target): Job => {
  // Rows are moved, not changed: foreign key actions must not run.
  target.sql.pragma('foreign_keys = OFF');
  target.sql.pragma('wal_autocheckpoint = 0');
  target.sql.pragma(`cache_size = -${CACHE_KB}`);
  return { work, io, target, turns: createTurns(target.sql) };
};

/** One transaction under the fence, after those that waited for the last one have had access to the lock. */
export async function* change<R>(
  { work, io, target, turns }: Job,
  step: Step<Checkpoint | null>,
  make: () => Steps<R> | R,
): Steps<R> {
  await turns.over(io.signal);
  let beganAt = 0;
  const result = yield* fenced(target, work.claim, step, io.signal, () => {
    beganAt = performance.now();
    return make();
  });
  turns.begin(performance.now() - beganAt);
  checkpoint(target);
  return result;
}

/** Does what SQLite would do automatically after a commit, at a point where its time is not counted as lock time. */
const checkpoint = ({ sql }: Target) => {
  const [wal] = sql.pragma('wal_checkpoint(NOOP)') as { readonly log: number; readonly checkpointed: number }[];
  if (wal !== undefined && wal.log - wal.checkpointed >= CHECKPOINT_PAGES) sql.pragma('wal_checkpoint(PASSIVE)');
};
