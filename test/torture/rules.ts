/** What claims, reports and orders make of the model: sections 2 to 4 and 7 of the design. */
import type { Access } from '../../src/jobs/access.ts';
import type { JobStatus } from '../../src/jobs/status.ts';
import type { Claim, ClaimLimits, ControlOrder, Saved, Settled } from '../../src/store/store.ts';
import { COMMANDS, REPORTS } from '../jobs/table.ts';
import {
  blockersOf,
  cut,
  hasEnded,
  isDead,
  isKnown,
  isTime,
  keepError,
  type Model,
  type ModelJob,
  move,
  RETRY,
  standing,
  waitAfter,
} from './model.ts';

const LOST = 'the worker was lost';

/** Claims that ended without a report and without a checkpoint: an attempt is spent, and after the last it has failed. */
export const rescueLost = (model: Model): void => {
  const by = { actorKind: 'SYSTEM', actorName: 'recovery' } as const;
  for (const job of model.jobs.values()) {
    if (!isDead(model, job.claimedBy) || job.savedInClaim) continue;
    if (job.status !== 'RUNNING' && job.status !== 'REVERTING') continue;
    if (!isKnown(model, job)) continue;
    keepError(job, LOST);
    const isLast = job.status === 'RUNNING' && !job.committing && job.attempts + 1 >= RETRY.attempts;
    const to = isLast ? 'REVERTING' : (REPORTS.lost?.[standing(job)] as JobStatus);
    job.wait = isLast ? null : waitAfter(model, job.attempts);
    job.attempts = isLast ? 0 : job.attempts + 1;
    if (isLast) job.error = `worker lost ${RETRY.attempts} times`;
    job.claimedBy = null;
    move(model, job, to, { ...by, error: isLast ? job.error : LOST });
  }
};

/** Running jobs of a type that nobody knows any more: they wait for somebody who does, and spend nothing. */
export const leaveUnknown = (model: Model): void => {
  const by = { actorKind: 'SYSTEM', actorName: 'recovery', reason: 'no server knows its type' } as const;
  for (const job of model.jobs.values()) {
    if (job.status !== 'RUNNING' || !isDead(model, job.claimedBy) || isKnown(model, job)) continue;
    const to = REPORTS.lost?.[standing(job)] as JobStatus;
    job.claimedBy = null;
    move(model, job, to, by);
  }
};

interface Group {
  readonly environment: number;
  /** What was begun comes before what was not; within each, higher priorities first, and then older jobs. */
  readonly ranks: readonly (readonly ModelJob[])[];
}

/** Who may be claimed now, by the places that they take. Jobs without an end take none, nor does undoing of running ones. */
export const claimable = (
  model: Model,
  limits: Pick<ClaimLimits, 'running' | 'reverting' | 'types'>,
): readonly Group[] => {
  const jobs = [...model.jobs.values()]
    .filter(({ typeName }) => limits.types.includes(typeName))
    .sort((a, b) => b.priority - a.priority || Number(a.id) - Number(b.id));
  const isFree = (job: ModelJob) => job.claimedBy === null || isDead(model, job.claimedBy);
  const isDue = (job: ModelJob) => (job.wait === null || job.wait.to <= model.now) && isTime(job, model.now);
  const running = (continuous: boolean) => [
    jobs.filter((job) => job.status === 'RUNNING' && isFree(job) && job.continuous === continuous),
    jobs.filter(
      (job) =>
        job.status === 'PENDING' && isDue(job) && job.continuous === continuous && blockersOf(model, job).length === 0,
    ),
  ];
  return [
    {
      environment: limits.reverting,
      ranks: [
        jobs.filter((job) => job.status === 'CANCEL_REQUESTED' && isFree(job)),
        jobs.filter((job) => job.status === 'REVERTING' && isFree(job) && isDue(job)),
      ],
    },
    { environment: limits.reverting, ranks: [jobs.filter((job) => job.status === 'PAUSE_REQUESTED' && isFree(job))] },
    { environment: limits.running, ranks: running(false) },
    { environment: Number.POSITIVE_INFINITY, ranks: running(true) },
  ];
};

export const take = (model: Model, sessionId: string, job: ModelJob): void => {
  // One that was asked to pause says PAUSED only when its new holder has entered the epoch in the target.
  const to = job.status === 'PAUSE_REQUESTED' ? job.status : (REPORTS.claimed?.[standing(job)] as JobStatus);
  job.claimedBy = sessionId;
  job.epoch += 1;
  job.savedInClaim = false;
  job.hasRun = true;
  job.wait = null;
  move(model, job, to, { actorKind: 'WORKER', actorName: sessionId, error: to === 'REVERTING' ? job.error : null });
};

/** A step. Progress forgives the attempts that failed; a fraction never falls. */
export const saveStep = (job: ModelJob, { checkpoint, fractionCompleted }: Saved): void => {
  if (checkpoint !== undefined) {
    if (checkpoint !== job.checkpoint) job.attempts = 0;
    job.checkpoint = checkpoint;
    job.savedInClaim = true;
  }
  if (fractionCompleted !== undefined) job.fraction = Math.max(job.fraction ?? 0, fractionCompleted);
};

/** What a report makes of a job that is held; false where no worker could report it, and nothing may happen. */
export const settleJob = (model: Model, claim: Claim, settled: Settled): boolean => {
  const { report, saved, error, actor } = settled;
  const job = model.jobs.get(claim.jobId);
  if (job === undefined) return false;
  const stand = standing(job);
  if (REPORTS[report]?.[stand] === undefined) return false;
  if (saved !== undefined) saveStep(job, saved);
  const said = weigh(job, report);
  const text = error === undefined ? null : cut(error);
  if (said === 'retry' || report === 'retry' || said === 'revertFailed') keepError(job, text ?? '');
  const to = REPORTS[said]?.[stand] as JobStatus;
  const wasCanceled = job.status === 'CANCEL_REQUESTED';
  job.claimedBy = null;
  if (said === 'retry' || said === 'revertFailed') {
    job.wait = (to === 'PENDING' || to === 'REVERTING') && !wasCanceled ? waitAfter(model, job.attempts) : null;
    job.attempts = wasCanceled ? 0 : job.attempts + 1;
  }
  if (said === 'failed') {
    job.attempts = 0;
    if (!wasCanceled) job.error ??= text;
  }
  if (said === 'pauseAsked' && to === 'PAUSED') job.pauseReason = text;
  else if (to !== 'PAUSED') job.pauseReason = null;
  if (to === 'SUCCEEDED' && !job.continuous) job.fraction = 1;
  const asked = said === 'pauseAsked';
  const kept = to === 'REVERTING' || to === 'FAILED' ? job.error : null;
  const texts = { reason: asked ? text : null, error: kept ?? (asked ? null : text) };
  job.settled = { claim, as: to };
  move(model, job, to, { actorKind: 'WORKER', actorName: actor, ...texts });
  return true;
};

/** Transient failures are final at the fifth, but not those of a continuous job; while it is being published none is. */
const weigh = (job: ModelJob, report: Settled['report']): Settled['report'] => {
  const fails = report === 'failed' || report === 'retry' || report === 'pauseAsked';
  if (job.committing && fails) return 'retry';
  return report === 'retry' && job.attempts + 1 >= RETRY.attempts && !job.continuous ? 'failed' : report;
};

export const maySee = (access: Access, job: ModelJob) => access.sees === 'all' || access.sees.userName === job.userName;

/** Only root is an admin here. */
const mayControl = (access: Access, job: ModelJob) =>
  access.controls.includes('all') ||
  (access.controls.includes('non-admins') && job.userName !== 'root') ||
  (access.controls.includes('own') && job.userName === access.userName);

export interface Verdicts {
  readonly changed: readonly { readonly jobId: string; readonly from: JobStatus; readonly to: JobStatus }[];
  readonly refusals: readonly { readonly jobId: string; readonly code: string }[];
  readonly selectedCount: number;
  readonly unchangedCount: number;
}

/** What an order makes of those that it selects; null stands for an id that names nothing to be seen. */
export const decide = (order: ControlOrder, selected: readonly (readonly [string, ModelJob | null])[]): Verdicts => {
  const decided = selected.map(([jobId, job]) => ({ jobId, job, verdict: verdictOf(order, job) }));
  const changed = decided.flatMap(({ jobId, job, verdict }) =>
    job === null || !isStatus(verdict) ? [] : [{ jobId, from: job.status, to: verdict }],
  );
  return {
    changed: changed.sort((a, b) => Number(a.jobId) - Number(b.jobId)),
    refusals: decided.flatMap(({ jobId, verdict }) =>
      /^[!]/.test(verdict) ? [{ jobId, code: verdict.slice(1) }] : [],
    ),
    selectedCount: selected.length,
    unchangedCount: decided.filter(({ verdict }) => verdict === '=').length,
  };
};

const isStatus = (verdict: string): verdict is JobStatus => verdict !== '=' && !verdict.startsWith('!');

const verdictOf = ({ command, access, refusingTypes }: ControlOrder, job: ModelJob | null): string => {
  if (job === null) return '!NOT_FOUND';
  if (!mayControl(access, job)) return '!FORBIDDEN';
  if (refusingTypes.includes(job.typeName) && !(command === 'PAUSE' && job.status === 'PAUSED')) {
    return command === 'PAUSE' ? '!NOT_PAUSABLE' : '!NOT_CANCELABLE';
  }
  const [pause, resume, cancel] = COMMANDS[standing(job)];
  const cell = { PAUSE: pause, RESUME: resume, CANCEL: cancel }[command];
  if (cell === '-') return '!INVALID_STATUS';
  const waits = job.wait !== null && (job.status === 'PENDING' || job.status === 'REVERTING');
  return command === 'RESUME' && waits ? job.status : cell;
};

export const carryOut = (model: Model, order: ControlOrder, { changed }: Verdicts): void => {
  const { command, commandId, reason, actor } = order;
  for (const { jobId, to } of changed) {
    const job = model.jobs.get(jobId);
    if (job === undefined || hasEnded(job)) throw new Error(`the model would change job ${jobId}`);
    job.wait = null;
    job.pauseReason = command === 'PAUSE' ? reason : null;
    if (command !== 'PAUSE') job.attempts = 0;
    move(model, job, to, { actorKind: 'USER', actorName: actor.name, command, commandId, reason });
  }
};
