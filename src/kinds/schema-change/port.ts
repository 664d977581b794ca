/**
 * The part of SCHEMA CHANGE that depends on the engine of the database. The kind goes through the phases and reports
 * progress; a port plans the change, and makes it in transactions so short that writers hardly notice. Only `ports.ts`
 * chooses one.
 */
import type { Environment, Io, Step, Task, Work } from '../../jobs/kind.ts';
import type { SchemaChangeCheckpoint, SchemaChangeProgress } from './checkpoint.ts';
import type { Change, Details } from './details.ts';

export type SchemaChangeWork = Work<Details, SchemaChangeProgress | null>;
export type SchemaChangeStep = Step<SchemaChangeProgress | null>;

/** While another writer holds a lock that it needs, it yields the last step again, so that a stop is noticed. */
export type SchemaChangeSteps<R = void> = AsyncGenerator<SchemaChangeStep, R, void>;

export interface SchemaChangePort {
  /**
   * Plans the changes on an empty copy of the catalogue. Writes nothing.
   * @throws badInput naming the field of a change that is not possible; UNAVAILABLE while the database cannot be read
   */
  plan(
    environment: Environment,
    database: string,
    changes: readonly Change[],
  ): PlannedChanges | Promise<PlannedChanges>;
  /** Keeps all older claims of the job out of the database. */
  acquireFence(work: SchemaChangeWork, io: Io, task: Task): Promise<void>;
  open(work: SchemaChangeWork, io: Io): SchemaChangeTarget | Promise<SchemaChangeTarget>;
  /** Opens the database to remove what the job has created; null if that was removed with the database. */
  openRemoval(work: SchemaChangeWork, io: Io): SchemaChangeRemoval | null | Promise<SchemaChangeRemoval | null>;
  /**
   * The number of changes of writers that a job has recorded and not yet carried over.
   * @throws UNAVAILABLE if they cannot be counted now
   */
  recorded(environment: Pick<Environment, 'database'>, database: string, jobId: string): number | Promise<number>;
  /** Removes what an ended job still has in the database. */
  cleanUp(
    work: Pick<SchemaChangeWork, 'details' | 'claim'>,
    environment: Environment,
    when: 'ended' | 'removed',
  ): Promise<void>;
}

export interface PlannedChanges {
  /** The changes, with tables as the catalogue spells them, and defaults in the form that follows DEFAULT. */
  readonly changes: readonly Change[];
  /** The tables that change, in the order in which they are first named. */
  readonly tables: readonly string[];
  /** All tables whose definitions change, in the form in which the engine compares names. */
  readonly held: readonly string[];
}

/**
 * The open database of a claimed job. It keeps the checkpoint, which may have more properties than the kind knows. Each
 * method that writes is one transaction, and returns the checkpoint after it.
 */
export interface SchemaChangeTarget {
  /**
   * Null before `begin`.
   * @throws PauseAsked when the job's objects in the database are missing
   */
  checkpoint(): SchemaChangeCheckpoint | null | Promise<SchemaChangeCheckpoint | null>;
  /** Creates the copies, and records from then on what writers change. */
  begin(): SchemaChangeSteps<SchemaChangeCheckpoint>;
  /** Applies changes of writers first, then copies rows of the first copy that is not complete. */
  copyBatch(last: SchemaChangeStep): SchemaChangeSteps<SchemaChangeCheckpoint>;
  /**
   * Applies changes of writers; if none are left, gives the tables their new definitions, durably, and yields
   * `commit: true` inside the transaction. Repeat it until the phase is `swapped`.
   */
  swap(last: SchemaChangeStep): SchemaChangeSteps<SchemaChangeCheckpoint>;
  /** Removes rows of the old tables, and in the end the tables. Repeat it until the phase is `done`. */
  clean(last: SchemaChangeStep): SchemaChangeSteps<SchemaChangeCheckpoint>;
  /** Converts an error of the engine to a readable message, or to Transient; returns any other error unchanged. */
  failureOf(error: unknown): unknown;
  close(): void | Promise<void>;
}

/** The open database of a claimed job that is reverted. The remaining work is read from the database. */
export interface SchemaChangeRemoval {
  /** Removes some of what the job has created, in one transaction. Returns false when nothing is left. */
  remove(last: SchemaChangeStep): SchemaChangeSteps<boolean>;
  failureOf(error: unknown): unknown;
  close(): void | Promise<void>;
}
