import { statfsSync } from 'node:fs';
import path from 'node:path';
import { checkFence, hasFence, insertFence, stateWriter } from '../../databases/sqlite/fence.ts';
import { lock } from '../../databases/sqlite/lock.ts';
import { openDatabase, type Target } from '../../databases/sqlite/open.ts';
import { type Io, type Step, Transient, type Work } from '../../jobs/kind.ts';
import type { Checkpoint, Details, State } from './details.ts';
import { createTurns, type Turns } from './lock-fairness.ts';

export type SchemaWork = Work<Details, Checkpoint | null>;
export type Steps<R = void> = AsyncGenerator<Step<Checkpoint | null>, R, void>;

/** One claimed schema change, its target open. */
export interface Job {
  readonly work: SchemaWork;
  readonly io: Io;
  readonly target: Target;
  /** Inside a transaction. */
  readonly saveState: (state: State) => void;
  /** Those of others, between two batches. */
  readonly turns: Turns;
}

/** Of the disk, left to writers, and to the undoing of what filled it. */
const RESERVE_BYTES = 8 * 1_024 ** 2;

/** @throws Transient when there is hardly any room left */
export const checkRoom = ({ environment }: Io): void => {
  const room = roomAt(path.dirname(environment.databaseFile ?? '.'));
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

export const openJob = (work: SchemaWork, io: Io): Job => {
  const { databaseFile } = io.environment;
  const { database } = work.details;
  if (databaseFile === null) throw new Transient(`database ${database} is not known any more`);
  const target = openDatabase(databaseFile, database, { lockWaitMs: 50 });
  // Rows are moved, not changed: nothing that refers to them is to follow.
  target.sql.pragma('foreign_keys = OFF');
  target.sql.pragma('wal_autocheckpoint = 0');
  target.sql.pragma(`cache_size = -${CACHE_KB}`);
  return { work, io, target, saveState: stateWriter<State>(target.sql, work.claim), turns: createTurns(target.sql) };
};

/** One transaction under the fence, when those who waited for the last one have had their turn. */
export async function* change<R>(
  { work, io, target, turns }: Job,
  step: Step<Checkpoint | null>,
  make: () => Steps<R> | R,
  first = false,
): Steps<R> {
  await turns.over(io.signal);
  yield* lock(target, step, io.signal);
  const beganAt = performance.now();
  try {
    // There was no file to enter it in, or one that cannot be written to: that is said here.
    if (first && !hasFence(target.sql, work.claim)) insertFence(target.sql, work.claim);
    checkFence(target.sql, work.claim);
    const made = make();
    const result = isSteps(made) ? yield* made : made;
    target.commit();
    turns.begin(performance.now() - beganAt);
    checkpoint(target);
    return result;
  } finally {
    target.rollback();
  }
}

/** What SQLite does by itself behind a commit, where it can be told from the time that the lock was held. */
const checkpoint = ({ sql }: Target) => {
  const [wal] = sql.pragma('wal_checkpoint(NOOP)') as { readonly log: number; readonly checkpointed: number }[];
  if (wal !== undefined && wal.log - wal.checkpointed >= CHECKPOINT_PAGES) sql.pragma('wal_checkpoint(PASSIVE)');
};

const isSteps = <R>(made: Steps<R> | R): made is Steps<R> =>
  typeof made === 'object' && made !== null && Symbol.asyncIterator in made;
