import { type Access, mayControl } from './access.ts';
import { factsOf, type Job } from './job.ts';
import { COMMANDS, ENDED, type JobCommand, type JobStatus, transition } from './status.ts';

/** Why a command did not change a job of its selection. */
export const REFUSAL_CODES = ['NOT_FOUND', 'INVALID_STATUS', 'NOT_PAUSABLE', 'NOT_CANCELABLE', 'FORBIDDEN'] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** What a type of job allows, in every status. */
export interface TypeRules {
  readonly pausable: boolean;
  readonly cancelable: boolean;
}

export type RulesOf = (job: { readonly type: string; readonly typeName: string }) => TypeRules;

/** The commands that would change this job now, for a viewer with this access. */
export const availableCommands = (job: Job, access: Access, rulesOf: RulesOf): readonly JobCommand[] => {
  if (!mayControl(access, job)) return [];
  const rules = rulesOf(job);
  return COMMANDS.filter((command) => {
    if (refusedByType(command, rules) !== null) return false;
    const to = transition(command, factsOf(job));
    return to !== null && (to !== '=' || clearsWait(command, job));
  });
};

export const refusedByType = (command: JobCommand, rules: TypeRules): 'NOT_PAUSABLE' | 'NOT_CANCELABLE' | null => {
  if (command === 'PAUSE' && !rules.pausable) return 'NOT_PAUSABLE';
  if (command === 'CANCEL' && !rules.cancelable) return 'NOT_CANCELABLE';
  return null;
};

/** RESUME of a job that waits for its next attempt, or for a RESUME, changes no status but ends the wait. */
const clearsWait = (command: JobCommand, job: Job) =>
  command === 'RESUME' &&
  (job.nextAttemptAt !== null || job.awaitsResume) &&
  (job.status === 'PENDING' || job.status === 'REVERTING');

/** Why a viewer may not control a job that is visible to that viewer. */
const forbiddenMessage = (job: Pick<Refused, 'id' | 'ownerIsAdmin' | 'viewerControlsOthers'>, userName: string) =>
  job.ownerIsAdmin && job.viewerControlsOthers
    ? 'only admins can control jobs owned by other admins'
    : `user ${userName} does not have privileges for job ${job.id}`;

export interface Refused {
  readonly id: string;
  readonly typeName: string;
  readonly status: JobStatus;
  readonly ownerIsAdmin: boolean;
  readonly viewerControlsOthers: boolean;
  readonly reverting: boolean;
  readonly committing: boolean;
}

const words = (name: string) => name.toLowerCase().replaceAll('_', ' ');
export const hasEnded = (status: JobStatus) => (ENDED as readonly JobStatus[]).includes(status);
const statusWord = (status: JobStatus) => status.toLowerCase().replaceAll('_', '-');

/** One sentence for people. It contains the id so that it can be searched for. */
export const refusalMessage = (command: JobCommand, code: RefusalCode, job: Refused, userName: string): string => {
  const verb = command.toLowerCase();
  switch (code) {
    case 'NOT_FOUND':
      return notFoundMessage(job.id);
    case 'FORBIDDEN':
      return forbiddenMessage(job, userName);
    case 'NOT_PAUSABLE':
      return `${words(job.typeName)} job ${job.id} cannot be paused`;
    case 'NOT_CANCELABLE':
      return `${words(job.typeName)} job ${job.id} cannot be canceled`;
    case 'INVALID_STATUS':
      if (hasEnded(job.status)) return `cannot ${verb} ${statusWord(job.status)} job ${job.id}`;
      if (job.committing) return `cannot ${verb} job ${job.id}: it is already being published`;
      if (job.reverting) return `cannot ${verb} job ${job.id}: it is being reverted after a failure`;
      return `cannot ${verb} ${statusWord(job.status)} job ${job.id}`;
  }
};

/** Why a job is not deleted. */
export const deleteRefusalMessage = (
  code: RefusalCode,
  job: Pick<Refused, 'id' | 'status' | 'ownerIsAdmin' | 'viewerControlsOthers'>,
  userName: string,
): string => {
  if (code === 'NOT_FOUND') return notFoundMessage(job.id);
  if (code === 'FORBIDDEN') return forbiddenMessage(job, userName);
  if (hasEnded(job.status)) return `cannot delete job ${job.id}: what it left in its database has not been removed yet`;
  return `cannot delete ${statusWord(job.status)} job ${job.id}: it has not ended`;
};

const notFoundMessage = (id: string) => `job with ID ${id} does not exist`;
