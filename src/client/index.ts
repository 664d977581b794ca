/**
 * The typed client. It runs in Node, browsers, Bun and Deno, and needs graphql-ws only.
 *
 *     const client = createClient({ url: 'http://127.0.0.1:4000/graphql', token });
 *     await client.pause({ where: { type: { equals: 'IMPORT' } } }, { reason: 'maintenance' });
 *     for await (const change of client.follow()) console.log(change.jobId, change.to);
 */
import { type ConnectionOptions, connect } from './connection.ts';
import { CANCEL, CREATE, JOB, JOBS, PAUSE, RESUME } from './documents.ts';
import { ApiError } from './errors.ts';
import type {
  ClientJobsQuery,
  ClientJobsQueryVariables,
  ClientPauseMutationVariables,
  JobFilter,
  JobOrder,
  JobSelector,
  OutcomeFieldsFragment,
} from './generated/graphql.ts';
import {
  type FollowOptions,
  follow,
  type Job,
  type JobChange,
  type StreamOptions,
  type WatchOptions,
  watch,
  whenSettled,
} from './streams.ts';

export type { ConnectionOptions } from './connection.ts';
export { ApiError } from './errors.ts';
export type { JobEventFilter, JobFilter, JobOrder, JobSelector, JobStatus } from './generated/graphql.ts';
export type { CursorStore, FollowOptions, Job, JobChange, StreamOptions, WatchOptions } from './streams.ts';

/** What a command changed, or in a dry run would change. */
export type ControlOutcome = Omit<OutcomeFieldsFragment, '__typename'>;

export interface ControlOptions {
  /** Decides and answers as usual, but changes nothing. */
  readonly dryRun?: boolean;
  /** Kept with the events, and with a paused job. */
  readonly reason?: string;
  /** SKIP (if omitted) changes the jobs that can be changed; ABORT changes none if one refuses. */
  readonly onRefusal?: 'SKIP' | 'ABORT';
  /** `selectedCount` of a preview: if it differs, the call fails with COUNT_MISMATCH and nothing changes. */
  readonly expectedCount?: number;
  /** `cursor` of a preview: if a selected job has changed since, the call fails with CHANGED_SINCE and nothing changes. */
  readonly unchangedSince?: string;
}

export interface CreateOptions {
  /** Not before this time. */
  readonly runAt?: Date;
  /** From -100 to 100; 0 if omitted. */
  readonly priority?: number;
  /** Makes the call safe to repeat: the same key returns the same job. */
  readonly idempotencyKey?: string;
}

export interface Client {
  /** Null if the job does not exist or the user may not see it. */
  job(id: string): Promise<Job | null>;
  /** All jobs that match, newest first unless ordered otherwise, read in pages as the loop advances. */
  jobs(where?: JobFilter, options?: { readonly orderBy?: JobOrder }): AsyncGenerator<Job, void, void>;
  /** Creates a job of any kind. @returns the job, and whether this call created it */
  create(
    typeName: string,
    input: object,
    options?: CreateOptions,
  ): Promise<{ readonly job: Job; readonly created: boolean }>;
  pause(jobs: JobSelector, options?: ControlOptions): Promise<ControlOutcome>;
  resume(jobs: JobSelector, options?: ControlOptions): Promise<ControlOutcome>;
  cancel(jobs: JobSelector, options?: ControlOptions): Promise<ControlOutcome>;
  /** Every change of status, in order, each once, across lost connections and restarts. */
  follow(options?: FollowOptions): AsyncGenerator<JobChange, void, void>;
  /** The whole list of the jobs that match, each time that it changes. */
  watch(where?: JobFilter, options?: WatchOptions): AsyncGenerator<readonly Job[], void, void>;
  /** The jobs once each is PAUSED or has ended. */
  whenSettled(ids: readonly string[], options?: StreamOptions): Promise<readonly Job[]>;
  /** Any query or mutation. @throws ApiError for an answer with an error */
  request<R>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<R>;
  /** Closes the connection of the streams. */
  close(): void;
}

const PAGE = 250;

export const createClient = (options: ConnectionOptions): Client => {
  const connection = connect(options);
  const control =
    (document: typeof PAUSE) =>
    async (jobs: JobSelector, given: ControlOptions = {}): Promise<ControlOutcome> => {
      const variables: ClientPauseMutationVariables = { jobs, ...given };
      return answered((await connection.ask(document, variables)).outcome);
    };
  return {
    job: async (id) => (await connection.ask(JOB, { id })).job ?? null,
    jobs: async function* (where, { orderBy } = {}) {
      const variables: ClientJobsQueryVariables = { where: where ?? null, orderBy: orderBy ?? null, first: PAGE };
      for (;;) {
        const found: ClientJobsQuery = await connection.ask(JOBS, variables);
        const { nodes, pageInfo } = answered(found.jobs);
        yield* nodes;
        if (!pageInfo.hasNextPage) return;
        variables.after = pageInfo.endCursor ?? null;
      }
    },
    create: async (typeName, input, { runAt, priority = 0, idempotencyKey } = {}) => {
      const order = {
        typeName,
        input,
        priority,
        runAt: runAt?.toISOString() ?? null,
        idempotencyKey: idempotencyKey ?? null,
      };
      return answered((await connection.ask(CREATE, { input: order })).createJob);
    },
    pause: control(PAUSE),
    resume: control(RESUME),
    cancel: control(CANCEL),
    follow: (given = {}) => follow(connection, given),
    watch: (where, given = {}) => watch(connection, where, given),
    whenSettled: (ids, given = {}) => whenSettled(connection, ids, given),
    request: connection.request,
    close: connection.close,
  };
};

/** A field that is null without an error does not occur: the server reports why. */
const answered = <T>(value: T | null | undefined): T => {
  if (value == null) throw new ApiError('the server answered nothing, and no error');
  return value;
};
