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

/** One claimed schema change, its target open. */
export interface Job {
  readonly work: SchemaWork;
  readonly io: Io;
  readonly target: Target;
  /** Those of others, between two batches. */
  readonly turns: Turns;
}

/** Of the disk, left to writers, and to the undoing of what filled it. */
const RESERVE_BYTES = 8 * 1_024 ** 2;

/** @throws Transient when there is hardly any room left */
export const checkRoom = ({ environment }: Io): void => {
  const room = roomAt(path.dirname(fileOf(environment) ?? '.'));
  if (room < RESERVE_BYTES) throw new Transient('disk is full');
};

const roomAt = (folder: string): number => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // That the folder is gone is found by whoever writes to it.
    return Number.POSITIVE_INFINITY;
  }
};

const CACHE_KB = 65_536;
/** Before the writers come to do it, who do at a thousand. */
const CHECKPOINT_PAGES = 500;

export const openJob = (work: SchemaWork, io: Io, target: Target): Job => {
  // Rows are moved, not changed: nothing that refers to them is to follow.
  target.sql.pragma('foreign_keys = OFF');
  target.sql.pragma('wal_autocheckpoint = 0');
  target.sql.pragma(`cache_size = -${CACHE_KB}`);
  return { work, io, target, turns: createTurns(target.sql) };
};

/** One transaction under the fence, when those who waited for the last one have had their turn. */
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

/** What SQLite does by itself behind a commit, where it can be told from the time that the lock was held. */
const checkpoint = ({ sql }: Target) => {
  const [wal] = sql.pragma('wal_checkpoint(NOOP)') as { readonly log: number; readonly checkpointed: number }[];
  if (wal !== undefined && wal.log - wal.checkpointed >= CHECKPOINT_PAGES) sql.pragma('wal_checkpoint(PASSIVE)');
};
