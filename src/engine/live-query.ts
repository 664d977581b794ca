/**
 * Jobs as a list that goes on: a view, not a log. It tells the jobs that match (CURRENT, then CAUGHT_UP), and from then
 * on, in rounds, what became of those that were written since, each as it is when it is told: the newest wins.
 * A round begins when something was committed and the reader has had its pause; while the reader takes nothing, no
 * round begins, and it costs the ids of what it was told. What is too much for a round, or to keep in mind, and a
 * viewer who may see more than before, are a RESET: all is told anew.
 */
import { type Access, maySee } from '../jobs/access.ts';
import { type Condition, jobField, predicateOf } from '../jobs/filter.ts';
import type { Job, JobId } from '../jobs/job.ts';
import { sleep } from '../sleep.ts';
import type { Place, Store } from '../store/store.ts';
import { createNotifier } from './notifier.ts';
import type { Viewers } from './viewers.ts';

export type JobUpdate =
  | { readonly kind: 'CURRENT' | 'ENTERED' | 'CHANGED'; readonly jobId: JobId; readonly job: Job }
  | { readonly kind: 'LEFT' | 'REMOVED'; readonly jobId: JobId; readonly job: null }
  | { readonly kind: 'CAUGHT_UP' | 'RESET'; readonly jobId: null; readonly job: null };

export interface Wanted {
  readonly where: Condition;
  /** How many jobs are told at the start, the newest. */
  readonly first: number;
  /** The pause after a round: no job is told twice within it. */
  readonly throttleMs: number;
}

interface Sources {
  readonly store: Store;
  readonly viewers: Viewers;
}

/** `access` is asked again for every round, and for every job that is told. */
export async function* viewJobs(
  sources: Sources,
  wanted: Wanted,
  access: () => Access,
  signal: AbortSignal,
): AsyncGenerator<JobUpdate, void, void> {
  const news = hearNews(sources);
  const view = createLiveQuery(sources.store, wanted, access);
  try {
    yield* tellAll(view);
    while (!signal.aborted) {
      await sleep(wanted.throttleMs, signal).catch(() => undefined);
      await news.next(signal);
      if (signal.aborted) return;
      const isTooMuch = yield* tellRound(view, news.take());
      if (!isTooMuch) continue;
      yield { kind: 'RESET', jobId: null, job: null };
      yield* tellAll(view);
    }
  } finally {
    news.stop();
  }
}

/** More jobs than these are not told one by one. */
const LARGEST_ROUND = 1_000;
/** More jobs than these are not kept in mind for a reader. */
const LARGEST_TOLD = 10_000;
/** So many jobs are read at a time: what a reader that stops in the midst holds of them. */
const PAGE = 50;

type LiveQuery = ReturnType<typeof createLiveQuery>;

const createLiveQuery = (store: Store, wanted: Wanted, access: () => Access) => ({
  store,
  wanted,
  access,
  matches: predicateOf(wanted.where, jobField),
  /** What the reader has, as of which revision of it. */
  told: new Map<JobId, { readonly userName: string; readonly revision: number }>(),
  /** The store's, up to which all has been told. */
  revision: 0,
  /** Of the jobs from this id on, all that match are told. Older ones may lie beyond `first`. */
  completeFrom: 0,
  /** The least that the viewer could see since all was told. */
  sees: 'all' as Access['sees'],
});

/** What the viewer may see now. That it was less for a moment is kept in mind: what was not told then has to be. */
const accessNow = (view: LiveQuery): Access => {
  const access = view.access();
  if (access.sees !== 'all') view.sees = access.sees;
  return access;
};

/** What has happened since it was last taken. */
const hearNews = ({ store, viewers }: Sources) => {
  const wake = createNotifier();
  let revision = 0;
  let any = false;
  let removed = false;
  const tell = () => {
    any = true;
    wake.now();
  };
  const ignoreCommits = store.onCommit((commit) => {
    if (!commit.removed && commit.revision <= revision) return;
    revision = commit.revision;
    removed ||= commit.removed;
    tell();
  });
  const ignoreViewers = viewers.onChange(tell);
  return {
    next: async (signal: AbortSignal) => {
      while (!any && !signal.aborted) await wake.next(signal);
    },
    take: () => {
      const taken = { removed };
      any = false;
      removed = false;
      return taken;
    },
    stop: () => {
      ignoreCommits();
      ignoreViewers();
    },
  };
};

async function* tellAll(view: LiveQuery): AsyncGenerator<JobUpdate, void, void> {
  const { store, told, wanted } = view;
  told.clear();
  view.sees = 'all';
  // Before the jobs: what is written from now on is told by the first round.
  view.revision = (await store.log()).revision;
  let after: Place | null = null;
  for (let left = wanted.first, more = true; more && left > 0; left -= PAGE) {
    const page = { direction: 'descending', after, before: null, limit: Math.min(PAGE, left) } as const;
    const read = await store.jobs({ ...page, orderBy: 'CREATED_AT', where: wanted.where }, accessNow(view));
    for (const job of read.jobs) {
      if (!maySee(accessNow(view), job)) continue;
      told.set(job.id, { userName: job.userName, revision: job.revision });
      yield { kind: 'CURRENT', jobId: job.id, job };
    }
    more = read.more;
    const oldest = Number(read.jobs.at(-1)?.id ?? 0);
    after = [oldest];
    view.completeFrom = more ? oldest : 0;
  }
  yield { kind: 'CAUGHT_UP', jobId: null, job: null };
}

/** Answers true when all has to be told anew. */
async function* tellRound(
  view: LiveQuery,
  news: { readonly removed: boolean },
): AsyncGenerator<JobUpdate, boolean, void> {
  const access = view.access();
  if (access.sees === 'all' && view.sees !== 'all') return true;
  accessNow(view);
  yield* tellHidden(view, access);
  if (news.removed) yield* tellRemoved(view, access);
  const { ids, revision } = await view.store.jobsChangedSince(view.revision, LARGEST_ROUND + 1, access);
  if (ids.length > LARGEST_ROUND) return true;
  view.revision = revision;
  yield* tellChanged(view, ids);
  return view.told.size > LARGEST_TOLD;
}

function* tellHidden({ told }: LiveQuery, access: Access): Generator<JobUpdate, void, void> {
  if (access.sees === 'all') return;
  for (const [jobId, job] of told) {
    if (maySee(access, job)) continue;
    told.delete(jobId);
    yield { kind: 'LEFT', jobId, job: null };
  }
}

async function* tellRemoved({ store, told }: LiveQuery, access: Access): AsyncGenerator<JobUpdate, void, void> {
  const ids = [...told.keys()];
  const there = new Set((await store.statusesOf({ ids }, ids.length, access)).map(({ id }) => id));
  for (const jobId of ids) {
    if (there.has(jobId)) continue;
    told.delete(jobId);
    yield { kind: 'REMOVED', jobId, job: null };
  }
}

/** What a slow reader has not taken within the pause is read anew. */
async function* tellChanged(view: LiveQuery, ids: readonly JobId[]): AsyncGenerator<JobUpdate, void, void> {
  for (let next = 0; next < ids.length; ) {
    const page = ids.slice(next, next + PAGE);
    const staleAt = performance.now() + view.wanted.throttleMs;
    const jobs = new Map((await view.store.jobsById(page, accessNow(view))).map((job) => [job.id, job]));
    for (const id of page) {
      next += 1;
      const job = jobs.get(id);
      const update = job === undefined ? null : updateOf(view, job);
      if (update !== null) yield update;
      if (performance.now() > staleAt) break;
    }
  }
}

const updateOf = (view: LiveQuery, job: Job): JobUpdate | null => {
  const { told, matches, completeFrom } = view;
  const before = told.get(job.id);
  // One that may no longer be seen is told as such by the round that the change of the users brings.
  if (before?.revision === job.revision || !maySee(accessNow(view), job)) return null;
  if (matches(job)) {
    told.set(job.id, { userName: job.userName, revision: job.revision });
    const isKnown = before !== undefined || Number(job.id) < completeFrom;
    return { kind: isKnown ? 'CHANGED' : 'ENTERED', jobId: job.id, job };
  }
  if (before === undefined) return null;
  told.delete(job.id);
  return { kind: 'LEFT', jobId: job.id, job: null };
};
