import type { z } from 'zod';
import type { TableHold } from './holds.ts';
import type { JobType } from './job.ts';
import type { KindOptions } from './kind-options.ts';
import type { KindTexts } from './template.ts';

/** A checkpoint at which the job can stop: everything before it is durable in the target. */
export interface Step<C> {
  /** Where to continue. It must survive conversion to JSON. */
  readonly checkpoint: C;
  /** From 0 to 1. Omitted by a continuous job. */
  readonly fractionCompleted?: number;
  /** One line for people that describes the phase. */
  readonly message?: string;
  /** Totals since the job was created. Their names are defined by the kind. */
  readonly counters?: Readonly<Record<string, number>>;
  /** What is not as it should be although the job goes on, for people. Kept with the job. */
  readonly warnings?: readonly string[];
  /**
   * The work is about to become visible. The generator continues only when the engine has marked the job as committing;
   * from then on the job is not paused, canceled or reverted. Otherwise the generator is closed.
   */
  readonly commit?: true;
}

/** One claimed job, as its kind sees it. */
export interface Work<D, C> {
  readonly details: D;
  /** The secrets, as they were at creation. */
  readonly secrets?: Secrets;
  readonly checkpoint: C | null;
  /** `epoch` grows with each claim. Nothing may be written under an older epoch. */
  readonly claim: Owner & { readonly epoch: number };
  /** Whether work began in the target under an earlier claim. */
  readonly began: boolean;
  /** The number of this attempt since the last progress or RESUME, from 1. */
  readonly attempt?: number;
}

/** The owner of names and records in a target. */
export interface Owner {
  readonly jobId: string;
  /** Part of the names in the target. Null for a job from before stores had ids: its names contain none. */
  readonly storeId: string | null;
}

/** The purpose of a claim. `release` only fences out older claims, so that the job can be reported as stopped. */
export type Task = 'run' | 'revert' | 'release';

/** Where a database is located. A kind accesses it through a port; each engine has one. */
export type DatabasePlace =
  | { readonly engine: 'sqlite'; readonly file: string }
  | { readonly engine: 'postgresql'; readonly url: string };

/** Where a kind finds what it works on. It is plain data, because it is sent to the work thread. */
export interface Environment {
  /** The folder that `nodelocal:` refers to. */
  readonly filesDir: string;
  /** The folder below `filesDir` that `nodelocal:` is confined to; empty: all of it; null: `nodelocal:` is refused. */
  readonly filesFolder: readonly string[] | null;
  /** Whether triggers and views of a backup are restored; otherwise they are left out. */
  readonly restoresTriggers: boolean;
  /** Hosts, or host:port, that may be reached over http(s) at private addresses. */
  readonly allowPrivateHosts: readonly string[];
  /**
   * The job's database; null if the job names none or an unknown one. For a job that creates its database, this is
   * where the database will be.
   */
  readonly database: DatabasePlace | null;
  /** A folder for work in progress. Each job uses the subfolder named after it, and removes it when it ends. */
  readonly workDir: string;
  /** A folder for what users may still read of an ended job: a file for each job, which is removed with the job. */
  readonly keptDir: string;
  /** The name of the user who created the job. */
  readonly creator?: string;
  /** The keys to cloud storage that the server itself has; null for users who may not use them. */
  readonly serverCredentials: Readonly<Record<string, string>> | null;
  /** The maximum size that an unread changefeed may occupy in its database. */
  readonly maxFeedBytes: number;
  /** The largest window of zstd that may be allocated to read a file. */
  readonly maxWindowBytes: number;
}

export interface Io {
  /** Aborted when the job has to stop, for whatever reason. */
  readonly signal: AbortSignal;
  readonly environment: Environment;
  /** Asks the job store whether the claim is current. */
  isCurrent(): Promise<boolean>;
  /** Shows people what is waited for before the first step. */
  report?(message: string): void;
  /** The manifests, by their hashes, of the backups that jobs use which have not ended, of whatever user. */
  usedBackups?(): Promise<readonly string[]>;
  /** Writes a line to the log of the server, with the id of the job. */
  log?(message: string): void;
  /**
   * Records in the job store that work begins in the target, before it does. Returns false if the claim is not current.
   */
  markBegan(): Promise<boolean>;
}

/** What the generator of `run` returns is the result of the job. */
export type Run<D, C> = (work: Work<D, C>, io: Io) => AsyncGenerator<Step<C>, unknown, void>;

/** Secret values: stored separately, never shown, and deleted when the job ends. */
export type Secrets = Readonly<Record<string, string>>;

/** The result of a validated creation. */
export interface Creation<D> {
  readonly details: D;
  /**
   * The input as it is stored and shown, with secrets redacted. If omitted, the input as given, or nothing if there are
   * secrets.
   */
  readonly input?: unknown;
  readonly secrets?: Secrets;
  /** The statement that the job represents, with secrets redacted. */
  readonly description: string;
  readonly database: string | null;
  /** The tables that the job changes: conflicting jobs wait for it, or are refused. See holds.ts. */
  readonly holds?: readonly TableHold[];
  /** Jobs of the same kind with the same key run one after the other. */
  readonly exclusiveKey?: string;
  /** Jobs of the same kind with the same key count for `concurrency.perKey`. */
  readonly concurrencyKey?: string;
  /** The database does not exist yet: it is listed once the job has succeeded. */
  readonly makesDatabase?: true;
  /** Values that are returned to the creator in the answer to the creation, and never again. */
  readonly returnedOnce?: Readonly<Record<string, string>>;
}

/** A type of job: how it is validated, executed and reverted. */
export interface Kind<I = unknown, D = unknown, C = unknown> extends KindOptions {
  readonly type: JobType;
  /** The type, or the name of a custom kind. */
  readonly typeName: string;
  /** For people, in lists of kinds. */
  readonly description?: string;
  /** Validates the input of a creation; clients read it as JSON Schema. */
  readonly input?: z.ZodType;
  /** Parses what `run` returns. A result that it refuses is not kept. */
  readonly result?: z.ZodType;
  readonly texts?: KindTexts;
  /** False if there is nothing to undo: a canceled job leaves what it did. */
  readonly reverts?: boolean;
  /** The JSON Schema of the input of a kind that runs in another program, instead of `input`. */
  readonly inputSchema?: Readonly<Record<string, unknown>>;
  readonly pausable: boolean;
  readonly cancelable: boolean;
  /** The job runs until it is canceled: it has no fraction, and takes no slot of the jobs that end. */
  readonly continuous?: boolean;
  /** Its generators run in the server's own thread. This is for kinds that wait rather than work, and for tests. */
  readonly inline?: boolean;
  /**
   * The defaults of fields that the input did not always have, by path, such as `csv.trim`. A creation with an
   * idempotency key of an older version is the same creation if it gives these.
   */
  readonly laterDefaults?: Readonly<Record<string, unknown>>;
  /** An input as it is shown, with secrets redacted, whether it is valid or not. Left out: it has no secrets. */
  redact?(input: I): unknown;
  /** Validates the input. Throws `badInput` naming the field; creates nothing. */
  create(input: I, environment: Environment): Promise<Creation<D>>;
  /**
   * Acquires the fence: enters the claim's epoch in the target, if there is one, before anything else. Throws `Fenced`.
   */
  acquireFence?(work: Work<D, C>, io: Io, task: Task): Promise<void>;
  readonly run: Run<D, C>;
  readonly revert: Run<D, C>;
  /** Queries about its jobs and what they work on, by name. Arguments and answers are plain data. */
  readonly queries?: Readonly<Record<string, (...args: never[]) => unknown>>;
  /**
   * Removes what a finished job left in its target. What users may still read of the job is moved to `keptDir`; with
   * `removed`, it is removed too, since the job is about to be removed. It is repeated after an interruption, and
   * throws when the cleanup cannot be done now.
   */
  cleanUp?(
    work: Pick<Work<D, C>, 'details' | 'checkpoint' | 'claim'>,
    environment: Environment,
    when: 'ended' | 'removed',
  ): Promise<void>;
}

/**
 * What an error means to the engine. It is kept under a registered symbol and compared by value, because a kind in a
 * module of its own may bring its own copy of these classes.
 */
const MEANING = Symbol.for('signalbox.meaning');

const means = (error: unknown, meaning: string): boolean =>
  error instanceof Error && (error as { readonly [MEANING]?: unknown })[MEANING] === meaning;

/** A temporary failure: the job is retried with a growing delay. Any other error fails the job permanently. */
export class Transient extends Error {
  override readonly name = 'Transient';
  readonly [MEANING] = 'Transient';

  static override [Symbol.hasInstance](error: unknown): boolean {
    return means(error, 'Transient');
  }
}

const STATUS_MESSAGE = Symbol.for('signalbox.statusMessage');

/** Sets what the job shows while it waits after this error; otherwise it shows the error. */
export const withStatusMessage = <E extends Error>(error: E, message: string): E =>
  Object.defineProperty(error, STATUS_MESSAGE, { value: message });

export const statusMessageOf = (error: unknown): string | null =>
  (error as { readonly [STATUS_MESSAGE]?: string } | null)?.[STATUS_MESSAGE] ?? null;

const SHOWN = Symbol.for('signalbox.shownError');

/**
 * An error about a row. Its message contains values of the row, for those who may read rows. `shown` contains none: it is for
 * everyone who sees the job, and for the log.
 */
export const rowError = (message: string, shown: string): Error => withShownError(new Error(message), shown);

/** Makes an existing error one about a row: see `rowError`. */
export const withShownError = <E extends Error>(error: E, shown: string): E =>
  Object.defineProperty(error, SHOWN, { value: shown, configurable: true });

/** What an error about a row shows to everyone. Null for any other error. */
export const shownErrorOf = (error: unknown): string | null =>
  (error as { readonly [SHOWN]?: string } | null)?.[SHOWN] ?? null;

/** The claim is no longer the newest: the worker releases the job without a report. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
  readonly [MEANING] = 'Fenced';

  static override [Symbol.hasInstance](error: unknown): boolean {
    return means(error, 'Fenced');
  }
}

/** The kind requests a pause instead of a failure (`onError: PAUSE`). */
export class PauseAsked extends Error {
  override readonly name = 'PauseAsked';
  /** Saved together with the pause, so that it is never saved without it; undefined to keep the last one. */
  readonly checkpoint: unknown;

  constructor(message: string, { checkpoint }: { readonly checkpoint?: unknown } = {}) {
    super(message);
    this.checkpoint = checkpoint;
  }
  readonly [MEANING] = 'PauseAsked';

  static override [Symbol.hasInstance](error: unknown): boolean {
    return means(error, 'PauseAsked');
  }
}
