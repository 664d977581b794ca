/**
 * Runs the live queries of all readers. A reader that is up to date follows: what was written is read once for all who
 * see the same, each job is offered only to the queries that it may concern, and each of these has its rounds, with the
 * pause between them that its reader wants. While a reader accepts nothing, its query has no rounds, and costs only the
 * ids of the jobs emitted to it. It catches up with rounds of its own, which read the store.
 */
import { type Access, maySee } from '../jobs/access.ts';
import { jobField } from '../jobs/filter.ts';
import type { Job, JobId } from '../jobs/job.ts';
import type { LiveStream } from '../live-stream.ts';
import { sleep } from '../sleep.ts';
import type { Store } from '../store/store.ts';
import { createInterest } from './interest.ts';
import {
  createLiveQuery,
  emitAll,
  emitRound,
  type JobUpdate,
  LARGEST_ROUND,
  RESET,
  type Wanted,
} from './live-query.ts';
import { type Audience, createRounds, type Running } from './rounds.ts';
import { createSharedReads, type SharedReads } from './shared-reads.ts';
import type { Viewers } from './viewers.ts';

export interface LiveQueries {
  open(query: Wanted, access: () => Access, signal: AbortSignal): LiveStream<JobUpdate>;
  /** The number of queries that are open. */
  readonly size: number;
  stop(): void;
}

/** Fields of a job that never change, by which its readers are found. */
const INDEXED = ['id', 'userName', 'typeName', 'type', 'database'] as const;
const EVERYBODYS: Access = { sees: 'all', controls: [], userName: '' };
/** At most one read in this time, the shortest pause of a reader. */
const READ_EVERY_MS = 50;
/** How many jobs are read at a time. */
const PAGE = 200;

export const startLiveQueries = (store: Store, viewers: Viewers, onError: (error: unknown) => void): LiveQueries => {
  const stopped = new AbortController();
  const reads = createSharedReads(store);
  const own = reads.sharedFor('');
  const all = new Set<Running>();
  const audiences = new Map<string, Audience>();
  const rounds = createRounds(({ access }) => audiences.delete(audienceKey(access)));
  /** The newest revision that was committed, and the one up to which changes have been read. */
  let latest = 0;
  let read = 0;
  let removals = 0;
  let accessChanges = 0;
  let isReading = false;

  const leaveAll = () => {
    for (const running of all) rounds.leave(running, true);
  };

  /** Offers jobs to the queries that they may match. */
  const offer = (audience: Audience, jobs: readonly Job[], upTo: number) => {
    const offered = new Set<Running>();
    for (const job of jobs) {
      for (const running of audience.interest.of(job)) if (rounds.add(running, job)) offered.add(running);
    }
    audience.revision = upTo;
    for (const running of offered) rounds.begin(running);
  };

  const byIds = async (from: SharedReads, ids: readonly JobId[], access: Access): Promise<readonly Job[]> => {
    const jobs: Job[] = [];
    for (let n = 0; n < ids.length; n += PAGE) {
      jobs.push(...(await from.jobsById(ids.slice(n, n + PAGE), access)));
    }
    return jobs;
  };

  const readChanges = async () => {
    const { ids, revision } = await own.jobsChangedSince(read, LARGEST_ROUND + 1, EVERYBODYS);
    // Each query reads for itself whether these are too many for it.
    if (ids.length > LARGEST_ROUND) leaveAll();
    const jobs = ids.length > LARGEST_ROUND ? [] : await byIds(own, ids, EVERYBODYS);
    // Those who begin to follow from here on have to have read these changes themselves.
    read = revision;
    for (const audience of audiences.values()) {
      const { sees } = audience.access;
      if (sees === 'all') {
        offer(audience, jobs, revision);
        continue;
      }
      const seen = jobs.filter(({ userName }) => userName === sees.userName).map(({ id }) => id);
      offer(audience, await byIds(audience.reads, seen, audience.access), revision);
    }
  };
  const readOn = async () => {
    isReading = true;
    while (audiences.size > 0 && read < latest && !stopped.signal.aborted) {
      await readChanges().catch((error) => {
        onError(error);
        leaveAll();
      });
      await sleep(READ_EVERY_MS, stopped.signal).catch(() => undefined);
    }
    isReading = false;
    if (audiences.size === 0) read = latest;
  };

  const ignoreCommits = store.onCommit((commit) => {
    latest = Math.max(latest, commit.revision);
    if (commit.removed) {
      removals += 1;
      leaveAll();
    }
    if (!isReading) void readOn();
  });
  const ignoreViewers = viewers.onChange(() => {
    accessChanges += 1;
    leaveAll();
  });

  const isUpToDate = ({ view, isBegun, isTooLarge: tooLarge, ...running }: Running): boolean =>
    isBegun &&
    !tooLarge &&
    running.removals === removals &&
    running.accessChanges === accessChanges &&
    view.revision >= (audiences.get(audienceKey(view.access()))?.revision ?? read);

  async function* catchUp(running: Running, signal: AbortSignal): AsyncGenerator<JobUpdate, void, void> {
    const { view } = running;
    const pause = async () => {
      await sleep(Math.max(0, running.readyAt - performance.now()), signal).catch(() => undefined);
    };
    while (!signal.aborted && !stopped.signal.aborted && !isUpToDate(running)) {
      if (running.isBegun) await pause();
      if (signal.aborted) return;
      const removed = running.removals !== removals;
      running.removals = removals;
      running.accessChanges = accessChanges;
      const isAll = !running.isBegun || running.isTooLarge || (yield* emitRound(view, { removed }));
      running.isBegun = true;
      running.isTooLarge = false;
      if (isAll) {
        yield RESET;
        yield* emitAll(view);
      }
      running.readyAt = performance.now() + view.query.throttleMs;
    }
  }

  const audienceOf = (access: Access): Audience => {
    const key = audienceKey(access);
    const known = audiences.get(key);
    if (known !== undefined) return known;
    const { sees } = access;
    const seen: Access = { sees, controls: [], userName: '' };
    const audience: Audience = {
      access: seen,
      reads: sees === 'all' ? own : reads.sharedFor(sees.userName),
      interest: createInterest<Job, Running>(INDEXED, jobField),
      revision: read,
    };
    audiences.set(key, audience);
    return audience;
  };

  return {
    open: (query, access, signal) => {
      const running: Running = {
        view: createLiveQuery(reads.sharedFor(access().userName), query, access),
        removals,
        accessChanges,
        isBegun: false,
        isTooLarge: false,
        readyAt: 0,
        following: null,
      };
      if (!signal.aborted) all.add(running);
      signal.addEventListener('abort', () => {
        all.delete(running);
        rounds.leave(running, false);
      });
      return {
        catchUp: () => catchUp(running, signal),
        mayRead: ({ job }) => job === null || maySee(access(), job),
        follow: async (reader) => {
          if (signal.aborted || stopped.signal.aborted) return false;
          if (!isUpToDate(running)) return true;
          const seen = running.view.access();
          const audience = audienceOf(seen);
          const ignore = audience.interest.add(running, query.where, seen);
          return new Promise((resolve, reject) => {
            running.following = { reader, audience, ignore, round: new Map(), waiting: new Map(), resolve, reject };
            if (read < latest && !isReading) void readOn();
          });
        },
      };
    },
    get size() {
      return all.size;
    },
    stop: () => {
      stopped.abort();
      rounds.stop();
      for (const running of all) rounds.leave(running, false);
      ignoreCommits();
      ignoreViewers();
      reads.stop();
    },
  };
};

const audienceKey = ({ sees }: Access) => JSON.stringify(sees);
