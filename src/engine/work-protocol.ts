/** What the server and its work processes ask of one another, through rpc/. */
import type { Environment } from '../jobs/kind.ts';
import type { JobStatus } from '../jobs/status.ts';
import type { Saved } from '../store/store.ts';
import type { Opened, Outcome } from './execute.ts';

/** Where a kind of a user's own comes from, so that a process can load it too. */
export interface KindModule {
  /** A `file:` URL of a module that Node loads as it is. */
  readonly url: string;
  /** The name of the export that is the kind. */
  readonly exportName: string;
}

export interface KindName {
  readonly typeName: string;
  /** Null for a built-in kind, and for what belongs to no kind. */
  readonly module: KindModule | null;
}

/** Of the databases themselves, next to the queries of kinds. */
export const DATABASE = 'DATABASE';

/** What a work process answers. */
export interface WorkThread {
  /** `run` is its number in this process. An abort asks the job to stop. */
  execute(run: number, kind: KindName, claimed: Opened, environment: Environment): Outcome;
  /** One of a kind's `queries`, `create` or `cleanUp`; or one of the databases' queries. */
  ask(question: number, kind: KindName, query: string, args: readonly unknown[]): unknown;
  /** Answered as soon as no statement keeps the thread busy. */
  ping(): void;
}

/** What the server answers a work process, for the jobs that run there. */
export interface WorkServer {
  save(run: number, saved: Saved): JobStatus | null;
  markCommitting(run: number, saved: Saved): boolean;
  isCurrent(run: number): boolean;
  markBegan(run: number): boolean;
  warn(run: number, message: string): void;
  /** It begins to work on this question. */
  asking(question: number): void;
  /** No older claim of this job can write any more. */
  fenceAcquired(run: number): void;
  /** No step was taken for so long while a target's lock is held. */
  stuck(seconds: number): void;
  /** The thread that works has ended; the process follows. */
  failed(message: string): void;
}

/** What a work process is started with. */
export interface WorkOptions {
  readonly stuckMs: number;
}
