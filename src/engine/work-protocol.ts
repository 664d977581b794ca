/** The calls between the server and its work processes, through rpc/. */
import type { Environment } from '../jobs/kind.ts';
import type { JobStatus } from '../jobs/status.ts';
import type { Saved } from '../store/store.ts';
import type { Opened, Outcome } from './execute.ts';

/** Where a custom kind is loaded from, so that a process can load it too. */
export interface KindModule {
  /** A `file:` URL of a module that Node loads without a build step. */
  readonly url: string;
  /** The name of the export that is the kind. */
  readonly exportName: string;
}

export interface KindName {
  readonly typeName: string;
  /** Null for a built-in kind, and for queries that belong to no kind. */
  readonly module: KindModule | null;
}

/** The queries of databases themselves, next to the queries of kinds. */
export const DATABASE = 'DATABASE';

/** The calls that a work process answers. */
export interface WorkThread {
  /** `run` is the number of the execution in this process. An abort asks the job to stop. */
  execute(run: number, kind: KindName, claimed: Opened, environment: Environment): Outcome;
  /** Calls one of a kind's `queries`, its `create` or `cleanUp`, or one of the databases' queries. */
  ask(question: number, kind: KindName, query: string, args: readonly unknown[]): unknown;
  /** Answered as soon as no statement keeps the thread busy. */
  ping(): void;
}

/** The calls that the server answers for the jobs in a work process. */
export interface WorkServer {
  save(run: number, saved: Saved): JobStatus | null;
  markCommitting(run: number, saved: Saved): boolean;
  isCurrent(run: number): boolean;
  markBegan(run: number): boolean;
  usedBackups(run: number): readonly string[];
  warn(run: number, message: string): void;
  log(run: number, message: string): void;
  /** The process starts to work on this query. */
  asking(question: number): void;
  /** From now on, no older claim of this job can write. */
  fenceAcquired(run: number): void;
  /** No step was completed for this long while a target's lock was held. */
  stuck(seconds: number): void;
  /** The work thread has ended; the process ends next. */
  failed(message: string): void;
}

/** The options that a work process is started with. */
export interface WorkOptions {
  readonly stuckMs: number;
}
