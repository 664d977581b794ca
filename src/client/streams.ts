/** The streams of the client. Each survives lost connections, restarts of the server, and sleep. */
import type { Connection } from './connection.ts';
import { END_OF_LOG, FOLLOW, SETTLED, WATCH } from './documents.ts';
import { ApiError } from './errors.ts';
import type { ClientFollowSubscription, JobEventFilter, JobFieldsFragment, JobFilter } from './generated/graphql.ts';
import { reconnecting } from './reconnect.ts';

export type Job = JobFieldsFragment;
export type JobChange = ClientFollowSubscription['jobStatusChanged'];

/** Where the position in the event log is kept between runs of a program. */
export interface CursorStore {
  /** The cursor that was written last; null before the first. */
  read(): string | null | Promise<string | null>;
  write(cursor: string): void | Promise<void>;
}

export interface StreamOptions {
  /** Ends the stream. */
  readonly signal?: AbortSignal;
  /** Called before each attempt to reconnect, with the reason. */
  readonly onReconnect?: (reason: Error) => void;
}

export interface FollowOptions extends StreamOptions {
  readonly where?: JobEventFilter;
  /** Starts after this cursor. If omitted, after the kept one; if there is none, at the end of the log. */
  readonly after?: string;
  /** Keeps the cursor of each change once the loop has asked for the next one: a change is repeated, never lost. */
  readonly store?: CursorStore;
}

const withSignal = (signal: AbortSignal | undefined) => signal ?? new AbortController().signal;

/**
 * Every change of status after a position, in commit order, each once.
 * @throws ApiError CURSOR_EXPIRED if retention has removed changes after the position: read the jobs, and start again
 *   without `after`
 */
export async function* follow(
  connection: Connection,
  { where, after, store, signal: stop, onReconnect }: FollowOptions,
): AsyncGenerator<JobChange, void, void> {
  const signal = withSignal(stop);
  let cursor = after ?? (await store?.read()) ?? (await connection.ask(END_OF_LOG, {})).jobs?.cursor;
  const open = () => connection.stream(FOLLOW, { where: where ?? null, after: cursor ?? null }, signal);
  for await (const { jobStatusChanged: change } of reconnecting(open, { signal, onReconnect })) {
    yield change;
    cursor = change.cursor;
    await store?.write(change.cursor);
  }
}

export interface WatchOptions extends StreamOptions {
  /** The newest jobs that match, at most this many when the list begins: 100 if omitted. */
  readonly first?: number;
  /** At most one update of a job in this time, in milliseconds, from 50: 250 if omitted. */
  readonly throttleMs?: number;
}

/** The whole list of jobs that match, newest first, each time that it changes. A list that is read late is the newest one. */
export async function* watch(
  connection: Connection,
  where: JobFilter | undefined,
  { first = 100, throttleMs = 250, signal: stop, onReconnect }: WatchOptions,
): AsyncGenerator<readonly Job[], void, void> {
  const signal = withSignal(stop);
  let jobs = new Map<string, Job>();
  /** Collects the list from RESET to CAUGHT_UP, so that a reconnect does not empty the list for a moment. */
  let incoming: Map<string, Job> | null = null;
  const open = () => connection.stream(WATCH, { where: where ?? null, first, throttleMs }, signal);
  for await (const { jobUpdated } of reconnecting(open, { signal, onReconnect })) {
    const { kind, jobId, job } = jobUpdated;
    if (kind === 'RESET') incoming = new Map();
    else if (kind === 'CAUGHT_UP') jobs = incoming ?? jobs;
    const list = incoming ?? jobs;
    if (job != null) list.set(job.id, job);
    else if (jobId != null) list.delete(jobId);
    if (kind === 'CAUGHT_UP') incoming = null;
    if (incoming === null) yield [...jobs.values()].sort((a, b) => Number(b.id) - Number(a.id));
  }
}

/**
 * The jobs once each of them is PAUSED or has ended, in the order of the ids. A job that was removed in the meantime is left out.
 * @throws ApiError NOT_FOUND for an id that is not a visible job
 */
export const whenSettled = async (
  connection: Connection,
  ids: readonly string[],
  { signal: stop, onReconnect }: StreamOptions,
): Promise<readonly Job[]> => {
  const signal = withSignal(stop);
  const settled = new Map<string, Job>();
  const open = () => connection.stream(SETTLED, { ids: ids.filter((id) => !settled.has(id)) }, signal);
  if (ids.length > 0) {
    for await (const { jobsSettled } of reconnecting(open, { signal, onReconnect })) {
      settled.set(jobsSettled.id, jobsSettled);
      if (settled.size === new Set(ids).size) break;
    }
  }
  if (signal.aborted) throw signal.reason ?? new ApiError('the wait was ended');
  return ids.flatMap((id) => settled.get(id) ?? []);
};
