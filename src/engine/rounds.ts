/** The rounds of live queries that follow: when each begins, and what it hands over. */
import type { Access } from '../jobs/access.ts';
import type { Job, JobId } from '../jobs/job.ts';
import type { LiveReader } from '../live-stream.ts';
import type { Interest } from './interest.ts';
import { isTooLarge, type JobUpdate, LARGEST_ROUND, type LiveQuery, updateOf } from './live-query.ts';
import type { SharedReads } from './shared-reads.ts';
import { createSlices } from './slices.ts';

/** A query, and its reader while it follows. */
export interface Running {
  readonly view: LiveQuery;
  /** The removals and the changes of access that its last round has handled. */
  removals: number;
  accessChanges: number;
  isBegun: boolean;
  /** All jobs have to be emitted again. */
  isTooLarge: boolean;
  /** When its pause ends, by the clock of `performance.now`. */
  readyAt: number;
  following: Following | null;
}

interface Following {
  readonly reader: LiveReader<JobUpdate>;
  readonly audience: Audience;
  readonly ignore: () => void;
  /** The jobs of the round that has begun, and of the next one. */
  round: Map<JobId, Job>;
  waiting: Map<JobId, Job>;
  readonly resolve: (again: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Those who follow and see the jobs of the same users, and therefore the same rows. */
export interface Audience {
  readonly access: Access;
  readonly reads: SharedReads;
  readonly interest: Interest<Job, Running>;
  /** The revision up to which they have been offered everything. */
  revision: number;
}

/** Pauses end at multiples of this, so that many readers have their rounds together. */
const GRID_MS = 10;
/** How many updates are handed over at a time. */
const PAGE = 50;

/** @param onEmpty called when nobody of an audience follows any more */
export const createRounds = (onEmpty: (audience: Audience) => void) => {
  const slices = createSlices();
  /** Queries that wait for the end of their pause. */
  const pausing = new Set<Running>();
  let timer: NodeJS.Timeout | undefined;

  const detach = (running: Running, following: Following) => {
    running.following = null;
    pausing.delete(running);
    following.ignore();
    if (following.audience.interest.size === 0) onEmpty(following.audience);
  };
  /** Stops following. What has not been handed over is read again: the revision stays at the one before it. */
  const leave = (running: Running, again: boolean, error?: unknown) => {
    const { following, view } = running;
    if (following === null) return;
    detach(running, following);
    if (isDone(following)) view.revision = Math.max(view.revision, following.audience.revision);
    if (error === undefined) following.resolve(again);
    else following.reject(error);
  };

  /** Hands over a page. A reader that takes longer for one reads the rest of the round by itself. */
  const handOver = (running: Running, following: Following) => {
    const { view } = running;
    const updates: JobUpdate[] = [];
    for (const [id, job] of following.round) {
      following.round.delete(id);
      const update = updateOf(view, job);
      if (update !== null) updates.push(update);
      if (updates.length === PAGE) break;
    }
    if (isDone(following)) view.revision = following.audience.revision;
    running.isTooLarge = isTooLarge(view);
    if (updates.length > 0) running.readyAt = performance.now() + view.query.throttleMs;
    const taken = updates.length > 0 ? following.reader.take(updates) : undefined;
    if (taken !== undefined) {
      detach(running, following);
      taken.then(() => following.resolve(true), following.reject);
    } else if (running.isTooLarge) leave(running, true);
    else if (following.round.size > 0) slices.run(() => goOn(running, following));
    else begin(running);
  };
  const goOn = (running: Running, following: Following) => {
    if (running.following !== following) return;
    if (following.round.size === 0) {
      following.round = following.waiting;
      following.waiting = new Map();
    }
    if (following.round.size === 0) return;
    if (!following.reader.isReady()) return leave(running, true);
    try {
      handOver(running, following);
    } catch (error) {
      leave(running, false, error);
    }
  };

  /** Begins the next round, when the pause after the previous one is over. */
  const begin = (running: Running) => {
    const { following } = running;
    if (following === null || following.waiting.size === 0) return;
    if (running.readyAt <= performance.now()) return slices.run(() => goOn(running, following));
    pausing.add(running);
    schedule();
  };
  const wake = () => {
    timer = undefined;
    const now = performance.now();
    for (const running of pausing) {
      if (running.readyAt > now) continue;
      pausing.delete(running);
      begin(running);
    }
    schedule();
  };
  const schedule = () => {
    if (timer !== undefined || pausing.size === 0) return;
    let first = Number.POSITIVE_INFINITY;
    for (const { readyAt } of pausing) first = Math.min(first, readyAt);
    timer = setTimeout(wake, Math.max(1, Math.ceil(first / GRID_MS) * GRID_MS - performance.now()));
  };

  return {
    leave,
    begin,
    /** Adds a job to the next round of a query. Returns false if the query has it, or has to read by itself. */
    add: (running: Running, job: Job): boolean => {
      const { following, view } = running;
      if (following === null || job.revision <= view.revision) return false;
      if (isDone(following)) view.revision = Math.max(view.revision, following.audience.revision);
      following.waiting.set(job.id, job);
      if (following.waiting.size <= LARGEST_ROUND) return true;
      leave(running, true);
      return false;
    },
    stop: () => clearTimeout(timer),
  };
};

const isDone = ({ round, waiting }: Following): boolean => round.size === 0 && waiting.size === 0;
