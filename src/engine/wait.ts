/**
 * Waits for jobs: a fixed set, each emitted once it has ended or, if a pause is enough, once it is PAUSED. The end of the log is noted first, then the jobs' states
 * are read, and the feed delivers what follows. Some changes have no event: a job is removed or may
 * no longer be seen, or the log is trimmed past a slow reader. These are invalidations: the jobs that are still awaited
 * are read again, and those that no longer exist count as done.
 */
import { badInput, notFound, SignalboxError } from '../errors.ts';
import type { Access } from '../jobs/access.ts';
import type { Condition } from '../jobs/filter.ts';
import type { EventCursor, Job, JobId } from '../jobs/job.ts';
import { ENDED, type JobStatus } from '../jobs/status.ts';
import { eachOf } from '../live-stream.ts';
import type { Selection, Store } from '../store/store.ts';
import type { Feed } from './feed.ts';
import type { Viewers } from './viewers.ts';

interface Sources {
  readonly store: Store;
  readonly feed: Feed;
  readonly viewers: Viewers;
}

/** The statuses that are waited for. */
const AWAITED = { completed: ENDED, settled: ['PAUSED', ...ENDED] } as const;
export type Awaited = keyof typeof AWAITED;

const isReached = (wanted: Awaited, status: JobStatus): boolean =>
  (AWAITED[wanted] as readonly JobStatus[]).includes(status);

const LARGEST_SET = 10_000;
const PAGE = 50;

/** Throws NOT_FOUND for an unknown or invisible id, and BAD_USER_INPUT for more than 10,000 jobs. */
export const awaitJobs = async (
  sources: Sources,
  selection: Selection,
  wanted: Awaited,
  access: () => Access,
  signal: AbortSignal,
): Promise<AsyncGenerator<Job, void, void>> => {
  const standing = await readStanding(sources, selection, access);
  const { statuses } = standing;
  if (statuses.length > LARGEST_SET) throw badInput('jobs', `jobs selects more than ${LARGEST_SET} jobs`);
  if ('ids' in selection) {
    const found = new Set(statuses.map(({ id }) => id));
    const missing = selection.ids.find((id) => !found.has(id));
    if (missing !== undefined) throw notFound(`job with ID ${missing} does not exist`);
  }
  return emitReached(sources, standing, wanted, access, signal);
};

interface Standing {
  readonly head: EventCursor;
  readonly statuses: readonly { readonly id: JobId; readonly status: JobStatus }[];
}

const readStanding = async ({ store }: Sources, selection: Selection, access: () => Access): Promise<Standing> => {
  const { head } = await store.log();
  return { head, statuses: await store.statusesOf(selection, LARGEST_SET + 1, access()) };
};

async function* emitReached(
  sources: Sources,
  standing: Standing,
  wanted: Awaited,
  access: () => Access,
  signal: AbortSignal,
): AsyncGenerator<Job, void, void> {
  const invalidations = collectInvalidations(sources);
  try {
    for (let { head, statuses } = standing; !signal.aborted; ) {
      const reached = statuses.filter(({ status }) => isReached(wanted, status)).map(({ id }) => id);
      const awaited = new Set(statuses.filter(({ status }) => !isReached(wanted, status)).map(({ id }) => id));
      for (let n = 0; n < reached.length; n += PAGE) {
        for (const job of await sources.store.jobsById(reached.slice(n, n + PAGE), access())) {
          if (isReached(wanted, job.status)) yield job;
          else awaited.add(job.id);
        }
      }
      const until = AbortSignal.any([signal, invalidations.signal]);
      if (awaited.size > 0) yield* emitChanges(sources, { awaited, wanted, head }, access, until);
      if (awaited.size === 0) return;
      invalidations.clear();
      ({ head, statuses } = await readStanding(sources, { ids: [...awaited] }, access));
    }
  } finally {
    invalidations.stop();
  }
}

/** Signals invalidations. The signal is cleared before the jobs are read, so that nothing is missed. */
const collectInvalidations = ({ store, viewers }: Sources) => {
  let controller = new AbortController();
  const ignoreCommits = store.onCommit(({ removed }) => {
    if (removed) controller.abort();
  });
  const ignoreViewers = viewers.onChange(() => controller.abort());
  return {
    get signal() {
      return controller.signal;
    },
    clear: () => {
      controller = new AbortController();
    },
    stop: () => {
      ignoreCommits();
      ignoreViewers();
    },
  };
};

/** Access is checked when a job is emitted. Until then its events are followed regardless of who may see them. */
const EVERYBODY: Access = { sees: 'all', controls: [], userName: '' };

async function* emitChanges(
  { store, feed }: Sources,
  { awaited, wanted, head }: { readonly awaited: Set<JobId>; readonly wanted: Awaited; readonly head: EventCursor },
  access: () => Access,
  signal: AbortSignal,
): AsyncGenerator<Job, void, void> {
  const where: Condition = { is: 'in', field: 'to', value: AWAITED[wanted] };
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  try {
    for await (const { jobId } of eachOf(await feed.listen(head, () => EVERYBODY, until, where))) {
      if (!awaited.has(jobId)) continue;
      const job = await store.job(jobId, access());
      // A job that was resumed in the meantime is waited for again.
      if (job !== null && !isReached(wanted, job.status)) continue;
      awaited.delete(jobId);
      if (job !== null) yield job;
      if (awaited.size === 0) return;
    }
  } catch (error) {
    if (!(error instanceof SignalboxError && error.code === 'CURSOR_EXPIRED')) throw error;
  } finally {
    done.abort();
  }
}
