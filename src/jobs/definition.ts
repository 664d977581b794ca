/** What the author of a kind writes: the parameter of `defineKind`, and what its generators receive. */
import type { z } from 'zod';
import type { Json } from './json.ts';
import type { DatabasePlace, Step } from './kind.ts';
import type { Concurrency, NeededPrivilege, RetryPolicy } from './kind-options.ts';
import type { TextOf } from './template.ts';

/** A claimed job, as the generators of its kind receive it. */
export interface DefinedWork<I, C> {
  readonly jobId: string;
  /** The input, parsed by the schema, with its secrets. */
  readonly input: I;
  /** The last checkpoint that was saved; null before the first one. */
  readonly checkpoint: C | null;
  /** Grows with each claim. Where an outdated worker must not write, keep it in the target and compare. */
  readonly epoch: number;
}

/** What the generators of a kind may use. */
export interface DefinedIo {
  /** Aborted when the job has to stop. Pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** Writes a line to the log of the server, with the id of the job. */
  log(message: string): void;
  /** The number of this attempt since the last progress or RESUME, from 1. */
  readonly attempt: number;
  /** The registered database that the input names in a field `database`; null if it has no such field. */
  readonly database: DatabasePlace | null;
}

export interface KindDefinition<I extends z.ZodObject, C extends Json> {
  /** Upper case, such as REINDEX. It is the type name of the jobs, and gives the mutation its name: `createReindex`. */
  readonly name: string;
  /** For people, in lists of kinds. */
  readonly description?: string;
  /**
   * The input of a job. A field with `meta({ secret: true })` holds a text that is sealed, shown as `redacted`, and deleted when
   * the job ends. A field `database` names a registered database that the creator may use.
   */
  readonly input: I;
  /** Parses stored checkpoints. Optional: it gives `checkpoint` a narrower type. */
  readonly checkpoint?: z.ZodType<C>;
  /** Parses what `run` returns, before it is kept. A result that does not fit is not kept, and the job warns. */
  readonly result?: z.ZodType;
  /**
   * The description of a job: one line, without secrets. The name of the kind if omitted. A template such as
   * `REINDEX {index}` works wherever the kind runs, a function only in the server.
   */
  readonly describe?: TextOf<z.output<I>>;
  /** True if omitted. */
  readonly pausable?: boolean;
  /** True if omitted. */
  readonly cancelable?: boolean;
  /** The job runs until it is canceled: it has no fraction, and takes no slot of the jobs that end. */
  readonly continuous?: boolean;
  /**
   * Jobs of the kind with the same key run one after the other, in the order of their creation. A paused job keeps its
   * place.
   */
  readonly exclusive?: TextOf<z.output<I>>;
  /**
   * How many jobs run at the same time, on all servers and workers: all of the kind, and those with the same key. A job that
   * is paused, or waits for its next attempt, does not count; one that is reverting counts until that is done.
   */
  readonly concurrency?: number | (Concurrency & { readonly key?: TextOf<z.output<I>> });
  /** How a job is tried again after `Transient`: by default five times, after 1 s, 2 s and so on, up to 5 min. */
  readonly retry?: RetryPolicy;
  /** At least 1,000. A run or revert that takes no step for so long is stopped, and tried again as after `Transient`. */
  readonly progressTimeoutMs?: number;
  /** From -100 to 100: the priority of jobs that are created without one. */
  readonly priority?: number;
  /** What a user needs, besides CREATEJOB, to create jobs of the kind. */
  readonly privileges?: readonly NeededPrivilege[];
  /** A whole number, 1 if omitted. It is kept with each checkpoint. Increase it when checkpoints change their form. */
  readonly version?: number;
  /** Converts a checkpoint of an older version. Without it, a job with an older checkpoint is paused. */
  readonly migrate?: (checkpoint: Json, from: number) => C;
  /**
   * Does the work. Each `yield` is a checkpoint: everything before it is durable, and the job may stop there. The work after
   * the last saved checkpoint may be repeated. What the generator returns is the result of the job.
   * @throws Transient to be tried again, PauseAsked to be paused; any other error fails the job, and it is reverted
   */
  run(work: DefinedWork<z.output<I>, C>, io: DefinedIo): AsyncGenerator<Step<C>, unknown, void>;
  /**
   * Undoes the work after a cancel or a failure: a generator of checkpoints, or an async function if it is short. It may be
   * stopped anywhere and is repeated until it succeeds.
   */
  revert?(work: DefinedWork<z.output<I>, C>, io: DefinedIo): AsyncGenerator<Step<C>, void, void> | Promise<void>;
}
