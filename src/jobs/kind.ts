import type { TableHold } from './holds.ts';
import type { JobType } from './job.ts';

/** A checkpoint and a place where the job can stop: whatever came before it is durable where the kind works. */
export interface Step<C> {
  /** Where to go on. Passes through JSON. */
  readonly checkpoint: C;
  /** 0 to 1. Left out by a job that has no end. */
  readonly fractionCompleted?: number;
  /** One line for people: the phase. */
  readonly message?: string;
  /** What it has counted since it was created, in words of its kind. */
  readonly counters?: Readonly<Record<string, number>>;
  /**
   * The work is about to be made visible. The generator goes on only when the engine has marked the job as
   * committing: from then on it is neither paused, cancelled nor undone. Else the generator is closed.
   */
  readonly commit?: true;
}

/** One claimed job, as its kind sees it. */
export interface Work<D, C> {
  readonly details: D;
  /** As the creation gave them. */
  readonly secrets?: Secrets;
  readonly checkpoint: C | null;
  /** `epoch` grows with each claim: under an older one nothing may be written any more. */
  readonly claim: Owner & { readonly epoch: number };
  /** Work began in the target under an earlier claim. */
  readonly began: boolean;
}

/** Whose names and records are in a target. */
export interface Owner {
  readonly jobId: string;
  /** Part of the names there. Null for a job from before stores had ids: its names have none. */
  readonly storeId: string | null;
}

/** What a claim is for. `release`: only to keep older claims out, so that the job can be reported as stopped. */
export type Task = 'run' | 'revert' | 'release';

/** Where a database is. A kind reaches it through a port, of which there is one for each engine. */
export type DatabasePlace =
  | { readonly engine: 'sqlite'; readonly file: string }
  | { readonly engine: 'postgresql'; readonly url: string };

/** Where a kind finds what it works on. Plain data: it crosses into the thread that does the work. */
export interface Environment {
  /** The folder behind `nodelocal:`. */
  readonly filesDir: string;
  /** Hosts, or host:port, that may be reached over http(s) although they are on a private address. */
  readonly allowPrivateHosts: readonly string[];
  /**
   * The job's database; null if the job names none, or one that is not known. For a job that creates its database, the
   * place where that will be.
   */
  readonly database: DatabasePlace | null;
  /** A folder for what is on its way; each job uses the one named after it, and removes it at its end. */
  readonly workDir: string;
  /** The keys to cloud storage that the server itself was given; null for whoever may not use them. */
  readonly serverCredentials: Readonly<Record<string, string>> | null;
  /** What a changefeed that is not read may keep in its database. */
  readonly maxFeedBytes: number;
}

export interface Io {
  /** Aborted when the job has to stop, whatever for. */
  readonly signal: AbortSignal;
  readonly environment: Environment;
  /** Asks the job store whether the claim is current. */
  isCurrent(): Promise<boolean>;
  /** Keeps in the job store that work begins in the target, before it does. False: the claim is not current. */
  markBegan(): Promise<boolean>;
}

export type Run<D, C> = (work: Work<D, C>, io: Io) => AsyncGenerator<Step<C>, void, void>;

/** What nobody is to see: kept apart from all else, never shown, and forgotten when the job ends. */
export type Secrets = Readonly<Record<string, string>>;

/** What a creation that has been checked becomes. */
export interface Creation<D> {
  readonly details: D;
  /** The input as it is kept and shown, secrets redacted. If omitted, as it was given; nothing if there are secrets. */
  readonly input?: unknown;
  readonly secrets?: Secrets;
  /** The statement that the job stands for, secrets redacted. */
  readonly description: string;
  readonly database: string | null;
  /** The tables that it changes: others wait for it, or are refused. See holds.ts. */
  readonly holds?: readonly TableHold[];
  /** The database is not there yet: it is listed once the job has succeeded. */
  readonly makesDatabase?: true;
  /** Told to the creator in the answer to the creation, and never again. */
  readonly returnedOnce?: Readonly<Record<string, string>>;
}

/** A type of job: how it is checked, done and undone. */
export interface Kind<I = unknown, D = unknown, C = unknown> {
  readonly type: JobType;
  /** The type, or the name of a custom kind. */
  readonly typeName: string;
  readonly pausable: boolean;
  readonly cancelable: boolean;
  /** It goes on until it is cancelled: it has no fraction, and takes no place among those that end. */
  readonly continuous?: boolean;
  /** Its generators run in the server's own thread: for kinds that wait rather than work, and for tests. */
  readonly inline?: boolean;
  /** Checks what a person asks for. Throws `badInput` naming the field; makes nothing. */
  create(input: I, environment: Environment): Promise<Creation<D>>;
  /** Enters the claim's epoch in the target, where there is one, before anything else. Throws `Fenced`. */
  acquireFence?(work: Work<D, C>, io: Io, task: Task): Promise<void>;
  readonly run: Run<D, C>;
  readonly revert: Run<D, C>;
  /** What can be asked about its jobs and what they work on, by name. Arguments and answers are plain data. */
  readonly queries?: Readonly<Record<string, (...args: never[]) => unknown>>;
  /**
   * Removes what the job, which has ended, left in its target for itself; `removed`: also what is kept there for as long
   * as the job can be read, which is about to be removed. Done again when it was interrupted; throws when it cannot be
   * done now.
   */
  cleanUp?(
    work: Pick<Work<D, C>, 'details' | 'checkpoint' | 'claim'>,
    environment: Environment,
    when: 'ended' | 'removed',
  ): Promise<void>;
}

/** A failure that may pass: the job is tried again, with a growing delay. Any other error fails it for good. */
export class Transient extends Error {
  override readonly name = 'Transient';
}

/** The claim is not the newest any more: the worker lets go without a report. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

/** The kind asks to be paused instead of failed (`onError: PAUSE`). */
export class PauseAsked extends Error {
  override readonly name = 'PauseAsked';
}
