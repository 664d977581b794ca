/** The calls of a store by name, for stores that execute them elsewhere. */
import { type Condition, EVERYTHING } from '../jobs/filter.ts';
import { ENDED, JOB_STATUSES, type JobStatus } from '../jobs/status.ts';
import type { Commit, Reads, Writes } from './store.ts';

const READS = [
  'job',
  'jobsById',
  'jobs',
  'jobsChangedSince',
  'statusesOf',
  'countJobs',
  'countByStatus',
  'blockers',
  'executionErrors',
  'events',
  'histories',
  'log',
  'isCurrent',
  'endedJobs',
  'pendingCleanups',
  'sessions',
  'registeredKinds',
  'users',
  'tokens',
  'auditEvents',
  'auditLog',
  'databases',
  'makerOf',
  'schedules',
  'schedulesById',
  'dueSchedules',
  'jobByKey',
  'targetByKey',
  'hashesWithout',
  'size',
  'ping',
] as const satisfies readonly (keyof Reads)[];
const WRITES = [
  'createJob',
  'control',
  'claim',
  'save',
  'markBegan',
  'markCommitting',
  'settle',
  'startSession',
  'heartbeat',
  'endSession',
  'drainServer',
  'registerKinds',
  'createUser',
  'updateUser',
  'provideUser',
  'createToken',
  'revokeToken',
  'touchToken',
  'deleteUser',
  'createDatabase',
  'deleteDatabase',
  'createSchedule',
  'updateSchedule',
  'deleteSchedule',
  'setSchedulesPaused',
  'startRun',
  'passRun',
  'deleteJobs',
  'recordSettings',
  'keepSecretProbe',
  'replaceHashes',
  'removeAuditEvents',
  'cleanedUp',
  'removeJobs',
  'removeCommands',
  'removeEvents',
] as const satisfies readonly (keyof Writes)[];

/** Called while a lock of a user database is held: these are answered before all pending calls. */
export const FIRST: readonly unknown[] = ['markCommitting', 'isCurrent', 'markBegan'];

/** What the commits of these calls report, in addition to the end of the log and the greatest revision. */
export const REPORTED: Readonly<Record<string, Partial<Commit>>> = {
  createUser: { users: true },
  updateUser: { users: true },
  provideUser: { users: true },
  createToken: { users: true },
  revokeToken: { users: true },
  deleteUser: { users: true },
  deleteDatabase: { users: true },
  // Not a change of users: the worker of the server has to notice.
  drainServer: { users: true },
  removeJobs: { removed: true },
  deleteJobs: { removed: true },
};

/** The jobs that have not ended: few, and found by an index. */
export const UNFINISHED: Condition = {
  is: 'in',
  field: 'status',
  value: JOB_STATUSES.filter((status) => !(ENDED as readonly JobStatus[]).includes(status)),
};

/** Whether a read can read many rows, and must not delay the other reads. */
export const isSearch = (name: string, args: readonly unknown[]): boolean => {
  const [first, , third] = args as readonly ({ readonly where?: unknown } | undefined)[];
  const isFilter = (where: unknown) => where !== undefined && where !== EVERYTHING;
  if (name === 'jobs' || name === 'statusesOf') return isFilter(first?.where);
  if (name === 'events') return isFilter(third?.where);
  if (name === 'countByStatus') return args[1] !== UNFINISHED;
  return name === 'countJobs';
};

type Call = (name: string, args: readonly unknown[]) => Promise<unknown>;

const methods = <T>(names: readonly (keyof T & string)[], call: Call): T =>
  Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => call(name, args)])) as T;

export const readMethods = (call: Call): Reads => methods<Reads>(READS, call);
export const writeMethods = (call: Call): Writes => methods<Writes>(WRITES, call);
