/** Reads rows of schedules, and what both stores decide about them. */
import { tooMany } from '../errors.ts';
import type { JobType } from '../jobs/job.ts';
import type { MissedRuns, Schedule, ScheduleOverlap } from '../jobs/schedule.ts';
import { instantOf } from './rows.ts';
import type { NewSchedule, PassedRun, ScheduleChanges, StartedRun } from './schedules.ts';
import type { Schedule as ScheduleRow, Stored } from './stored.ts';

/** How many schedules of a server are due at once; the others are found right after them. */
export const DUE_AT_ONCE = 100;
const MOST_SCHEDULES = 1_000;

/** @throws TOO_MANY if a user has this many schedules, and may have no more */
export const requireFewSchedules = (userName: string, count: number): void => {
  if (count >= MOST_SCHEDULES) throw tooMany(`user ${userName} has ${MOST_SCHEDULES} schedules: delete some`);
};

const idOrNull = (id: bigint | number | null) => (id === null ? null : String(id));
const instantOrNull = (at: Date | number | null) => (at === null ? null : instantOf(at));

export const readSchedule = (row: Stored<ScheduleRow>): Schedule => ({
  id: String(row.id),
  name: row.name,
  userName: row.userName,
  cron: row.cron,
  timeZone: row.timeZone,
  overlap: row.overlap as ScheduleOverlap,
  onMissed: row.onMissed as MissedRuns,
  fullEvery: row.fullEvery === null ? null : Number(row.fullEvery),
  type: row.type as JobType,
  typeName: row.typeName,
  inputJson: JSON.parse(row.inputJson),
  secrets: row.secrets,
  priority: Number(row.priority),
  createdAt: instantOf(row.createdAt),
  paused: Boolean(row.paused),
  nextRunAt: instantOrNull(row.nextRunAt),
  queuedAt: instantOrNull(row.queuedAt),
  lastRunAt: instantOrNull(row.lastRunAt),
  lastJobId: idOrNull(row.lastJobId),
  lastError: row.lastError,
  runs: Number(row.runs),
  chain: JSON.parse(row.chain),
  version: Number(row.version),
});

/** A schedule with the job of its last run, if that has not ended. */
export type DueRow = Stored<ScheduleRow> & { readonly liveJobId: bigint | number | null };
export const readDue = (row: DueRow) => ({ ...readSchedule(row), liveJobId: idOrNull(row.liveJobId) });

export type Column = readonly [field: string, value: string | number | boolean | null];

export const newColumns = ({ inputJson, node: _, ...schedule }: NewSchedule): readonly Column[] => [
  ...(Object.entries(schedule) as Column[]),
  ['inputJson', JSON.stringify(inputJson)],
];

export const changedColumns = ({ inputJson, node: _, ...changes }: ScheduleChanges): readonly Column[] => [
  ...(Object.entries(changes) as Column[]),
  ...(inputJson === undefined
    ? []
    : ([
        ['inputJson', JSON.stringify(inputJson)],
        ['chain', '[]'],
      ] as const)),
];

const movedColumns = ({ nextRunAt, queuedAt }: Pick<PassedRun, 'nextRunAt' | 'queuedAt'>): readonly Column[] => [
  ...(nextRunAt === undefined ? [] : ([['nextRunAt', nextRunAt]] as const)),
  ...(queuedAt === undefined ? [] : ([['queuedAt', queuedAt]] as const)),
];

export const passedColumns = (passed: PassedRun, now: number): readonly Column[] => [
  ...movedColumns(passed),
  ...(passed.error === null ? [] : ([['lastError', passed.error]] as const)),
  ...(passed.isAttempt ? ([['lastRunAt', now]] as const) : []),
];

export const startedColumns = (started: StartedRun, runs: number, now: number): readonly Column[] => [
  ...movedColumns(started),
  ['runs', runs + 1],
  ['lastRunAt', now],
  ['lastError', null],
];

/** Of the schedule whose job this is. */
export const jobColumns = ({ chain }: StartedRun, jobId: string): readonly Column[] => [
  ['lastJobId', Number(jobId)],
  ...(chain === null ? [] : ([['chain', JSON.stringify([...chain.before, { jobId, values: chain.values }])]] as const)),
];

/** A schedule in the audit log, without secrets. */
export const shownSchedule = (schedule: Schedule) => {
  const { name, userName, cron, timeZone, overlap, onMissed, fullEvery, typeName, inputJson } = schedule;
  return { name, userName, cron, timeZone, overlap, onMissed, fullEvery, typeName, inputJson };
};
