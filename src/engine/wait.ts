/**
 * Waits for jobs: a fixed set, each emitted once it has ended. The end of the log is noted first, then the jobs' states
 * are read, and the feed delivers their ends from that position on. Some changes have no event: a job is removed or may
 * no longer be seen, or the log is trimmed past a slow reader. These are invalidations: the jobs that are still awaited
 * are read again, and those that no longer exist count as done.
 */
import { badInput, notFound, SignalboxError } from '../errors.ts';
import type { Access } from '../jobs/access.ts';
import { hasEnded } from '../jobs/control.ts';
import type { Condition } from '../jobs/filter.ts';
import type { EventCursor, Job, JobId } from '../jobs/job.ts';
import { ENDED, type JobStatus } from '../jobs/status.ts';
import type { Selection, Store } from '../store/store.ts';
import type { Feed } from './feed.ts';
import type { Viewers } from './viewers.ts';

interface Sources {
  readonly store: Store;
  readonly feed: Feed;
  readonly viewers: Viewers;
}

const LARGEST_SET = 10_000;
const PAGE = 50;

/** Throws NOT_FOUND for an unknown or invisible id, and BAD_USER_INPUT for more than 10,000 jobs. */
export const awaitJobs = async (
  sources: Sources,
  selection: Selection,
  access: () => Access,
  signal: AbortSignal,
): Promise<AsyncGenerator<Job, void, void>> => {
  const standing = await readStanding(sources, selection, access);
  const { statuses } = standing;
  if (statuses.length > LARGEST_SET) throw badInput('jobs', `jobs selects more than ${LARGEST_SET} jobs`);
  if ('ids' in selection) {
    const found = new Set(statuses.map(({ id }) => id));
    const missing = selection.ids.find((id) => !found.has(id));
    if (missing !== undefined) throw notFound(`job ${missing} does not exist`);
  }
  return emitEnded(sources, standing, access, signal);
};

interface Standing {
  readonly head: EventCursor;
  readonly statuses: readonly { readonly id: JobId; readonly status: JobStatus }[];
}

const readStanding = async ({ store }: Sources, selection: Selection, access: () => Access): Promise<Standing> => {
  const { head } = await store.log();
  return { head, statuses: await store.statusesOf(selection, LARGEST_SET + 1, access()) };
};

async function* emitEnded(
  sources: Sources,
  standing: Standing,
  access: () => Access,
  signal: AbortSignal,
): AsyncGenerator<Job, void, void> {
  const invalidations = collectInvalidations(sources);
  try {
    for (let { head, statuses } = standing; !signal.aborted; ) {
      const ended = statuses.filter(({ status }) => hasEnded(status)).map(({ id }) => id);
      const awaited = new Set(statuses.filter(({ status }) => !hasEnded(status)).map(({ id }) => id));
      for (let n = 0; n < ended.length; n += PAGE) {
        for (const job of await sources.store.jobsById(ended.slice(n, n + PAGE), access())) yield job;
      }
      if (awaited.size > 0)
        yield* emitEnds(sources, awaited, head, access, AbortSignal.any([signal, invalidations.signal]));
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

/** Access is checked when a job has ended. Until then its events are followed regardless of who may see them. */
const EVERYBODY: Access = { sees: 'all', controls: [], userName: '' };
const ENDS: Condition = { is: 'in', field: 'to', value: ENDED };

async function* emitEnds(
  { store, feed }: Sources,
  awaited: Set<JobId>,
  head: EventCursor,
  access: () => Access,
  signal: AbortSignal,
): AsyncGenerator<Job, void, void> {
  try {
    for await (const { jobId } of await feed.listen(head, () => EVERYBODY, signal, { where: ENDS })) {
      if (!awaited.delete(jobId)) continue;
      const job = await store.job(jobId, access());
      if (job !== null) yield job;
      if (awaited.size === 0) return;
    }
  } catch (error) {
    if (!(error instanceof SignalboxError && error.code === 'CURSOR_EXPIRED')) throw error;
  }
}
