/** A store whose writes about jobs are observed, for metrics and the log. */
import type { JobId } from '../jobs/job.ts';
import type { JobStatus } from '../jobs/status.ts';
import type { Claim, Claimed, ControlOrder, ControlOutcome, NewJob, Saved, Settled, Store } from '../store/store.ts';

/** Is called after a write has been made, and must not throw. */
export interface StoreObserver {
  created?(job: NewJob, id: JobId): void;
  /** A command that was applied. */
  controlled?(order: ControlOrder, outcome: ControlOutcome): void;
  claimed?(claimed: Claimed): void;
  saved?(claim: Claim, saved: Saved): void;
  settled?(claim: Claim, settled: Settled, status: JobStatus): void;
  /** The job is claimed by another session, or no longer claimed. */
  lost?(claim: Claim): void;
}

export const observeStore = (store: Store, observers: readonly StoreObserver[]): Store => ({
  ...store,
  createJob: async (job, now) => {
    const answer = await store.createJob(job, now);
    if (answer.created) for (const { created } of observers) created?.(job, answer.id);
    return answer;
  },
  startRun: async (run, started, job, now, by) => {
    const id = await store.startRun(run, started, job, now, by);
    if (id !== null) for (const { created } of observers) created?.(job, id);
    return id;
  },
  control: async (order, now) => {
    const outcome = await store.control(order, now);
    if (outcome.applied && !order.dryRun) for (const { controlled } of observers) controlled?.(order, outcome);
    return outcome;
  },
  claim: async (sessionId, limits, now) => {
    const answer = await store.claim(sessionId, limits, now);
    for (const claim of answer.claimed) for (const { claimed } of observers) claimed?.(claim);
    return answer;
  },
  save: async (claim, given, now) => {
    const status = await store.save(claim, given, now);
    for (const { saved, lost } of observers) status === null ? lost?.(claim) : saved?.(claim, given);
    return status;
  },
  settle: async (claim, given, now) => {
    const status = await store.settle(claim, given, now);
    for (const { settled, lost } of observers) status === null ? lost?.(claim) : settled?.(claim, given, status);
    return status;
  },
});
