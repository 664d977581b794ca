/**
 * A live query: a list of jobs that is kept up to date. It is a view, not a log. It first emits the jobs that match
 * (CURRENT, then CAUGHT_UP). After that it works in rounds: each round emits the jobs that were written since the
 * previous one, in their state at the time they are emitted, so that only the latest state counts. `live-queries.ts`
 * determines when a round begins. A RESET, after which all jobs are emitted again, occurs when a round or the
 * remembered ids would exceed their limits, and when a viewer may see more than before.
 */
import { type Access, maySee } from '../jobs/access.ts';
import { type Condition, jobField, predicateOf } from '../jobs/filter.ts';
import type { Job, JobId } from '../jobs/job.ts';
import type { Position } from '../store/store.ts';
import type { SharedReads } from './shared-reads.ts';

export type JobUpdate =
  | { readonly kind: 'CURRENT' | 'ENTERED' | 'CHANGED'; readonly jobId: JobId; readonly job: Job }
  | { readonly kind: 'LEFT' | 'REMOVED'; readonly jobId: JobId; readonly job: null }
  | { readonly kind: 'CAUGHT_UP' | 'RESET'; readonly jobId: null; readonly job: null };

export interface Wanted {
  readonly where: Condition;
  /** How many jobs are emitted at the start, newest first. */
  readonly first: number;
  /** The pause after a round. No job is emitted twice within it. */
  readonly throttleMs: number;
}

/** The list begins, or begins again: what was emitted before no longer counts. */
export const RESET: JobUpdate = { kind: 'RESET', jobId: null, job: null };
const CAUGHT_UP: JobUpdate = { kind: 'CAUGHT_UP', jobId: null, job: null };
/** A round with more jobs than this causes a RESET. */
export const LARGEST_ROUND = 1_000;
/** If more jobs than this would have to be remembered for a reader, the query is RESET. */
const MAX_EMITTED = 10_000;
/** How many jobs are read at a time. This bounds what is held for a reader that stops partway. */
const PAGE = 50;

export type LiveQuery = ReturnType<typeof createLiveQuery>;

/** `access` is evaluated again for every round and for every job that is emitted. */
export const createLiveQuery = (store: SharedReads, query: Wanted, access: () => Access) => ({
  store,
  query,
  access,
  matches: predicateOf(query.where, jobField),
  /** The jobs that were emitted to the reader, each with the revision that was emitted. */
  emitted: new Map<JobId, { readonly userName: string; readonly revision: number }>(),
  /** The store's revision up to which everything has been emitted. */
  revision: 0,
  /** All matching jobs from this id on are emitted. Older matching jobs may exist beyond `first`. */
  completeFrom: 0,
  /** The least that the viewer could see since all jobs were last emitted. */
  sees: 'all' as Access['sees'],
});

/** What the viewer may see now. A temporary reduction is remembered: what was omitted then has to be emitted later. */
const accessNow = (view: LiveQuery): Access => {
  const access = view.access();
  if (access.sees !== 'all') view.sees = access.sees;
  return access;
};

/** Emits the list, at the start or after a RESET. */
export async function* emitAll(view: LiveQuery): AsyncGenerator<JobUpdate, void, void> {
  const { store, emitted, query } = view;
  emitted.clear();
  view.sees = 'all';
  // This precedes reading the jobs: the first round emits whatever is written from now on.
  view.revision = (await store.log()).revision;
  let after: Position | null = null;
  for (let left = query.first, more = true; more && left > 0; left -= PAGE) {
    const page = { direction: 'descending', after, before: null, limit: Math.min(PAGE, left) } as const;
    const read = await store.jobs({ ...page, orderBy: 'CREATED_AT', where: query.where }, accessNow(view));
    for (const job of read.jobs) {
      if (!maySee(accessNow(view), job)) continue;
      emitted.set(job.id, { userName: job.userName, revision: job.revision });
      yield updateFor('CURRENT', job);
    }
    more = read.more;
    const oldest = Number(read.jobs.at(-1)?.id ?? 0);
    after = [oldest];
    view.completeFrom = more ? oldest : 0;
  }
  yield CAUGHT_UP;
}

/** Returns true when all jobs have to be emitted again. */
export async function* emitRound(
  view: LiveQuery,
  { removed }: { readonly removed: boolean },
): AsyncGenerator<JobUpdate, boolean, void> {
  const access = view.access();
  if (access.sees === 'all' && view.sees !== 'all') return true;
  accessNow(view);
  yield* emitHidden(view, access);
  if (removed) yield* emitRemoved(view, access);
  const { ids, revision } = await view.store.jobsChangedSince(view.revision, LARGEST_ROUND + 1, access);
  if (ids.length > LARGEST_ROUND) return true;
  view.revision = revision;
  yield* emitChanged(view, ids);
  return isTooLarge(view);
}

/** Whether the ids that are remembered exceed their limit, so that all jobs have to be emitted again. */
export const isTooLarge = ({ emitted }: LiveQuery): boolean => emitted.size > MAX_EMITTED;

function* emitHidden({ emitted }: LiveQuery, access: Access): Generator<JobUpdate, void, void> {
  if (access.sees === 'all') return;
  for (const [jobId, job] of emitted) {
    if (maySee(access, job)) continue;
    emitted.delete(jobId);
    yield { kind: 'LEFT', jobId, job: null };
  }
}

async function* emitRemoved({ store, emitted }: LiveQuery, access: Access): AsyncGenerator<JobUpdate, void, void> {
  const ids = [...emitted.keys()];
  const there = new Set((await store.statusesOf({ ids }, ids.length, access)).map(({ id }) => id));
  for (const jobId of ids) {
    if (there.has(jobId)) continue;
    emitted.delete(jobId);
    yield { kind: 'REMOVED', jobId, job: null };
  }
}

/** Jobs that a slow reader has not accepted within the pause are read again. */
async function* emitChanged(view: LiveQuery, ids: readonly JobId[]): AsyncGenerator<JobUpdate, void, void> {
  for (let next = 0; next < ids.length; ) {
    const page = ids.slice(next, next + PAGE);
    const staleAt = performance.now() + view.query.throttleMs;
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

/** What a reader is sent about a job, if anything. Remembers it as emitted. */
export const updateOf = (view: LiveQuery, job: Job): JobUpdate | null => {
  const { emitted, matches, completeFrom } = view;
  const before = emitted.get(job.id);
  // For a job that may no longer be seen, the round caused by the change of the users emits its removal.
  if (before?.revision === job.revision || !maySee(accessNow(view), job)) return null;
  if (matches(job)) {
    emitted.set(job.id, { userName: job.userName, revision: job.revision });
    const isKnown = before !== undefined || Number(job.id) < completeFrom;
    return updateFor(isKnown ? 'CHANGED' : 'ENTERED', job);
  }
  if (before === undefined) return null;
  emitted.delete(job.id);
  return updateFor('LEFT', job);
};

/** The same update of the same row is one object, whatever the reader: its result is shared. */
const updates = new WeakMap<Job, Partial<Record<JobUpdate['kind'], JobUpdate>>>();
const updateFor = (kind: 'CURRENT' | 'ENTERED' | 'CHANGED' | 'LEFT', job: Job): JobUpdate => {
  const known = updates.get(job) ?? {};
  updates.set(job, known);
  const update: JobUpdate = kind === 'LEFT' ? { kind, jobId: job.id, job: null } : { kind, jobId: job.id, job };
  known[kind] ??= update;
  return known[kind];
};
