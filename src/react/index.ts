/**
 * React hooks on the typed client. The lists are live, and correct across lost connections.
 *
 *     const { jobs, error } = useJobs(client, { status: { equals: 'RUNNING' } });
 *     const { pause, isPending } = useControl(client);
 *
 * React itself is a peer: these hooks use the copy of the page.
 */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type {
  Client,
  ControlOptions,
  ControlOutcome,
  Job,
  JobFilter,
  JobSelector,
  WatchOptions,
} from '../client/index.ts';

export interface JobsState {
  /** Newest first. Empty until the first list has arrived. */
  readonly jobs: readonly Job[];
  /** Whether the first list has not arrived yet. */
  readonly isLoading: boolean;
  /** Why the list is no longer updated. */
  readonly error: Error | null;
}

export interface JobState {
  /** Null until it has arrived, and if the job does not exist or the user may not see it. */
  readonly job: Job | null;
  readonly isLoading: boolean;
  readonly error: Error | null;
}

const NOTHING: JobsState = { jobs: [], isLoading: true, error: null };

/** The jobs that match, live. A filter that is equal to the last one does not start a new stream. */
export const useJobs = (
  client: Client,
  where?: JobFilter,
  options?: Pick<WatchOptions, 'first' | 'throttleMs'>,
): JobsState => {
  const [state, setState] = useState<JobsState>(NOTHING);
  const key = JSON.stringify([where, options]);
  useEffect(() => {
    const ended = new AbortController();
    const [filter, given] = JSON.parse(key) as [JobFilter | null, typeof options | null];
    setState(NOTHING);
    const run = async () => {
      for await (const jobs of client.watch(filter ?? undefined, { ...given, signal: ended.signal })) {
        if (ended.signal.aborted) return;
        setState({ jobs, isLoading: false, error: null });
      }
    };
    run().catch((error: Error) => {
      if (!ended.signal.aborted) setState((last) => ({ ...last, isLoading: false, error }));
    });
    return () => ended.abort();
  }, [client, key]);
  return state;
};

/** One job, live. */
export const useJob = (client: Client, id: string): JobState => {
  const { jobs, isLoading, error } = useJobs(client, { id: { equals: id } });
  return { job: jobs[0] ?? null, isLoading, error };
};

type Command = (jobs: JobSelector, options?: ControlOptions) => Promise<ControlOutcome | null>;

export interface ControlState {
  /** Each resolves with the outcome, or with null if it failed: see `error`. */
  readonly pause: Command;
  readonly resume: Command;
  readonly cancel: Command;
  /** Whether a command has not been answered yet. */
  readonly isPending: boolean;
  /** The outcome of the last command; null before the first, and after one that failed. */
  readonly outcome: ControlOutcome | null;
  readonly error: Error | null;
}

interface Last {
  readonly pending: number;
  readonly outcome: ControlOutcome | null;
  readonly error: Error | null;
}

/** Commands to jobs, and the state of the last one. */
export const useControl = (client: Client): ControlState => {
  const [{ pending, outcome, error }, setLast] = useState<Last>({ pending: 0, outcome: null, error: null });
  const run = useCallback(async (command: () => Promise<ControlOutcome>): Promise<ControlOutcome | null> => {
    setLast((last) => ({ ...last, pending: last.pending + 1 }));
    try {
      const answer = await command();
      setLast((last) => ({ pending: last.pending - 1, outcome: answer, error: null }));
      return answer;
    } catch (failure) {
      setLast((last) => ({ pending: last.pending - 1, outcome: null, error: failure as Error }));
      return null;
    }
  }, []);
  const commands = useMemo(
    () => ({
      pause: (jobs: JobSelector, options?: ControlOptions) => run(() => client.pause(jobs, options)),
      resume: (jobs: JobSelector, options?: ControlOptions) => run(() => client.resume(jobs, options)),
      cancel: (jobs: JobSelector, options?: ControlOptions) => run(() => client.cancel(jobs, options)),
    }),
    [client, run],
  );
  return { ...commands, isPending: pending > 0, outcome, error };
};
