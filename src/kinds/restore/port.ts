/**
 * What a restore needs of the engine of its target. `run.ts` drives a port through the phases; each engine implements
 * it once, in a folder of its own, and `ports.ts` chooses.
 */
import type { Backup } from '../../backup-format/backup.ts';
import type { Manifest } from '../../backup-format/manifest.ts';
import type { WorkDirectory } from '../../databases/work-directory.ts';
import type { Environment, Io, Task } from '../../jobs/kind.ts';
import type { RestoreWork, Steps } from './details.ts';

export interface RestorePort {
  /** Folds names so that those which the engine treats as one are equal. */
  fold(name: string): string;
  /**
   * Checks a restore that is to be created. The environment has no database if the restore creates it.
   * @throws PlanError about the backup, NameConflictError about the target; Transient while the target is locked; any
   *   other error is about the target
   */
  check(manifest: Manifest, wanted: Wanted, environment: Environment): void | Promise<void>;
  /** Keeps older claims out of an existing target. */
  acquireFence(work: RestoreWork, io: Io, task: Task): Promise<unknown>;
  /** Opens the target of a run. Everything is hidden until `publish`. */
  open(context: RestoreContext): RestoreTarget | Promise<RestoreTarget>;
  /** Removes what is hidden, in batches if there is much. It can be stopped anywhere and repeated. */
  revert(work: RestoreWork, io: Io): Steps;
  /** Removes the fence, and everything that could not be removed while the target was unavailable. */
  cleanUp(
    work: Pick<RestoreWork, 'details' | 'claim'>,
    environment: Environment,
    when: 'ended' | 'removed',
  ): Promise<void>;
  /** Converts an error of the engine to a message for people. An error that may pass becomes Transient. */
  failureOf(error: unknown, database: string): unknown;
}

/** One open target, in the order in which its functions are called. */
export interface RestoreTarget {
  /** The file for the snapshot, which is fetched into it byte by byte. */
  readonly snapshotFile: string;
  /** Whether an earlier claim has published the tables. */
  isPublished(): boolean | Promise<boolean>;
  /**
   * Plans the restore. Returns a warning for each object that is left out or may not work.
   * @throws Error if it is not possible any more
   */
  plan(backup: Backup): readonly string[] | Promise<readonly string[]>;
  /** Checks that the fetched snapshot is what the manifest describes. @throws StorageError */
  verify(backup: Backup): void | Promise<void>;
  /**
   * Loads a batch of at most this many rows, hidden, in one transaction with the position that it reaches. Null once
   * everything is loaded.
   */
  load(rows: number): Steps<LoadedBatch | null>;
  /** Yields `commit: true` and then shows everything to everybody at one moment. */
  publish(): Steps;
  close(): void | Promise<void>;
}

export interface LoadedBatch {
  /** The table that the rows belong to. */
  readonly table: string;
  readonly rows: number;
  /** How long others could not write. */
  readonly lockedMs: number;
  /** The number of rows loaded since the job was created. */
  readonly rowsInTotal: number;
  /** The next batch belongs to another table. */
  readonly isTableDone: boolean;
}

export interface Wanted {
  readonly tables: readonly string[];
  readonly isAll: boolean;
  /** The tables that get other names, as the backup spells them. */
  readonly as: readonly { readonly table: string; readonly to: string }[];
  /** The name of the target, for messages. */
  readonly database: string;
}

/** A claimed restore, with its work directory open. */
export interface RestoreContext {
  readonly work: RestoreWork;
  readonly io: Io;
  readonly directory: WorkDirectory;
}

/** The problem of a backup, as a message for people. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** An object in the target already has a name that the restore needs. */
export class NameConflictError extends Error {
  override readonly name = 'NameConflictError';
  /** The name that is in use. */
  readonly conflict: string;

  constructor(message: string, conflict: string) {
    super(message);
    this.conflict = conflict;
  }
}
