/**
 * What a backup needs of the engine of its database. `run.ts` drives a port through the phases; each engine implements
 * it once, in a folder of its own, and `ports.ts` chooses.
 */
import type { Environment, Step } from '../../jobs/kind.ts';

export interface BackupPort {
  /**
   * Finds the tables of a backup that is to be created, as the catalogue spells them.
   * @param requested null for all tables
   * @throws BAD_USER_INPUT naming the field and the object that cannot be backed up; UNAVAILABLE while it is locked
   */
  findTables(
    environment: Environment,
    database: string,
    requested: readonly string[] | null,
  ): readonly string[] | Promise<readonly string[]>;
  /** The bytes that the files of `stage` may take. @throws Transient while the database is not available */
  estimateBytes(order: Omit<StageOrder, 'folder'>): number | Promise<number>;
  /**
   * Copies the database, as it is at one moment, into a file. Writers continue. Yields the step again and again, and
   * leaves nothing running when it is closed; a partial file is not used again.
   * @throws Transient for an error that may pass; any other error is permanent
   */
  stage<P>(order: StageOrder, step: Step<P>, signal: AbortSignal): AsyncGenerator<Step<P>, Staged, void>;
}

export interface StageOrder {
  readonly environment: Environment;
  /** The name of the database, for messages. */
  readonly database: string;
  /** The tables to keep, with the objects that belong to them; null for all. */
  readonly tables: readonly string[] | null;
  /** Whether to check the content; faults are warnings. */
  readonly integrityCheck: boolean;
  /** An empty folder. */
  readonly folder: string;
}

export interface Staged {
  readonly file: string;
  readonly snapshot: Snapshot;
}

/** The contents of a staged file. */
export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
  /** Chunks end at multiples of this. */
  readonly pageSize: number;
  readonly encoding: string;
  readonly tables: readonly SnapshotTable[];
  /** The statements of the catalogue. */
  readonly statements: readonly string[];
  /** What people should know about it. */
  readonly warnings?: readonly string[];
}

export interface SnapshotTable {
  readonly name: string;
  /** Null if they could not be counted. */
  readonly rows: number | null;
  /** The virtual table that keeps its content in this one. */
  readonly shadowOf?: string | null;
}
