/** SHOW JOBS, and SELECT from the jobs. */
import { awaitJobs } from '../engine/wait.ts';
import { EVERYTHING, JOB_FIELDS, readFilter, type Condition as StoreCondition } from '../jobs/filter.ts';
import type { Job } from '../jobs/job.ts';
import { limitedBy } from '../sleep.ts';
import type { JobOrderField, Position, Selection } from '../store/store.ts';
import { FEED_COLUMNS, JOB_COLUMNS, type JobColumn, type Row, statusWord, type Value } from './columns.ts';
import type { Condition } from './comparisons.ts';
import { sqlError } from './errors.ts';
import type { JobQuery, Order } from './select.ts';
import { type Answer, type Caller, type Session, table } from './session.ts';
import { allOf } from './truth.ts';

/** SHOW JOBS leaves out what ended longer ago. */
const RECENT_MS = 12 * 60 * 60 * 1_000;
const PAGE = 1_000;
/** Orders that the store does not have, and groups, are made of at most so many jobs. */
const MOST_SORTED = 10_000;

/** A condition of no job. */
const NOTHING: StoreCondition = { is: 'any', of: [] };

const ofSource = (source: JobQuery['source'], now: number): Condition => {
  const recent = { or: [{ finishedAt: { isNull: true } }, { finishedAt: { gte: now - RECENT_MS } }] };
  if (source === 'recent') return recent;
  // There are no jobs that the server creates by itself.
  if (source === 'automatic') return 'none';
  return source === 'changefeed' ? { type: { equals: 'CHANGEFEED' } } : 'all';
};

/** The condition of a query, for the store. */
export const whereOf = (
  { source, condition }: Pick<JobQuery, 'source' | 'condition'>,
  { viewers, now }: Caller,
): StoreCondition => {
  const whole = allOf([condition, ofSource(source, now())]);
  if (typeof whole === 'string') return whole === 'all' ? EVERYTHING : NOTHING;
  return readFilter(whole, JOB_FIELDS, 'sql', 'refused', viewers.nameOf);
};

const POSITIONS: Readonly<Record<JobOrderField, (job: Job) => Position>> = {
  CREATED_AT: ({ id }) => [Number(id)],
  MODIFIED_AT: ({ id, modifiedAt }) => [modifiedAt, Number(id)],
  FINISHED_AT: ({ id, finishedAt }) => [finishedAt ?? Number.MAX_SAFE_INTEGER, Number(id)],
};

interface StoreOrder {
  readonly orderBy: JobOrderField;
  readonly isDescending: boolean;
}

/** Unfinished jobs first, then the last that ended. */
const USUAL: StoreOrder = { orderBy: 'FINISHED_AT', isDescending: true };

async function* jobsOf(
  caller: Caller,
  where: StoreCondition,
  { orderBy, isDescending }: StoreOrder,
  limit = Number.POSITIVE_INFINITY,
) {
  let after: Position | null = null;
  for (let left = limit; left > 0; ) {
    const page = {
      direction: isDescending ? 'descending' : 'ascending',
      after,
      before: null,
      limit: Math.min(PAGE, left),
    } as const;
    const { jobs, more } = await caller.store.jobs({ ...page, orderBy, where }, caller.access());
    yield* jobs;
    const last: Job | undefined = jobs.at(-1);
    if (!more || last === undefined) return;
    after = POSITIONS[orderBy](last);
    left -= jobs.length;
  }
}

const rowOf = (job: Job, columns: readonly JobColumn[]): Row => columns.map(({ read }) => read(job));

export const showJobs = ({ caller }: Session, source: 'recent' | 'automatic' | 'changefeed'): Answer => {
  const columns = source === 'changefeed' ? FEED_COLUMNS : JOB_COLUMNS;
  const where = whereOf({ source, condition: 'all' }, caller);
  return table(columns, rowsOf(jobsOf(caller, where, USUAL), columns), 'SHOW');
};

async function* rowsOf(jobs: AsyncIterable<Job>, columns: readonly JobColumn[]): AsyncGenerator<Row> {
  for await (const job of jobs) yield rowOf(job, columns);
}

/** SHOW JOB n, SHOW JOBS (select). @throws 42704 for an id that is not a visible job */
export const showSelected = async ({ caller }: Session, selection: Selection): Promise<Answer> => {
  if ('where' in selection)
    return table(JOB_COLUMNS, rowsOf(jobsOf(caller, selection.where, USUAL), JOB_COLUMNS), 'SHOW');
  const jobs = await caller.store.jobsById(selection.ids, caller.access());
  const missing = selection.ids.find((id) => !jobs.some((job) => job.id === id));
  if (missing !== undefined) throw sqlError('undefinedObject', `job with ID ${missing} does not exist`);
  return table(
    JOB_COLUMNS,
    jobs.map((job) => rowOf(job, JOB_COLUMNS)),
    'SHOW',
  );
};

const LONGEST_WAIT_MS = 24 * 60 * 60 * 1_000;
const PROGRESS_MS = 10_000;

/** SHOW JOBS WHEN COMPLETE: rows as the jobs end, and a notice about the progress every ten seconds. */
export const showWhenComplete = (session: Session, selection: Selection): Answer => {
  if (!session.mayWait) {
    throw sqlError(
      'notSupported',
      'WHEN COMPLETE is not possible here: use the subscription jobsCompleted, or the SQL port',
    );
  }
  return table(JOB_COLUMNS, waitFor(session, selection), 'SHOW');
};

async function* waitFor(session: Session, selection: Selection): AsyncGenerator<Row> {
  const { caller } = session;
  using limit = limitedBy(LONGEST_WAIT_MS, [session.signal]);
  const { signal } = limit;
  const { length: total } = await caller.store.statusesOf(selection, 10_001, caller.access());
  let ended = 0;
  const progress = setInterval(() => {
    session.notice({ severity: 'NOTICE', sqlState: '00000', message: `${ended} of ${total} jobs have ended` });
  }, PROGRESS_MS);
  try {
    for await (const job of await awaitJobs(caller, selection, 'completed', caller.access, signal)) {
      ended += 1;
      yield rowOf(job, JOB_COLUMNS);
    }
    if (signal.aborted && !session.signal.aborted) throw sqlError('canceled', 'the jobs did not end within 24 hours');
  } finally {
    clearInterval(progress);
  }
}

/** A SELECT from the jobs. */
export const selectJobs = (session: Session, query: JobQuery): Answer => {
  const rows = query.groupBy === null ? selected(session.caller, query) : grouped(session.caller, query, query.groupBy);
  return table(query.targets, rows);
};

async function* selected(caller: Caller, query: JobQuery): AsyncGenerator<Row> {
  const columns = query.targets.map(({ column }) => column as JobColumn);
  const where = whereOf(query, caller);
  const order = storeOrder(query);
  const most = query.limit === null ? undefined : query.offset + query.limit;
  if (order !== null) {
    let skip = query.offset;
    for await (const job of jobsOf(caller, where, order, most)) {
      if (skip > 0) skip -= 1;
      else yield rowOf(job, columns);
    }
    return;
  }
  const keys = query.orderBy.map((by) => keyOf(by, query));
  const jobs = await collect(caller, where);
  jobs.sort((one, other) =>
    compareBy(
      query.orderBy,
      keys.map((key) => key(one)),
      keys.map((key) => key(other)),
    ),
  );
  yield* jobs.slice(query.offset, most).map((job) => rowOf(job, columns));
}

const columnOf = ({ by }: Order, { targets }: JobQuery): JobColumn | null =>
  typeof by === 'number' ? (targets[by]?.column ?? null) : by;

const STORE_ORDERS: Readonly<Record<string, JobOrderField>> = {
  job_id: 'CREATED_AT',
  modified: 'MODIFIED_AT',
  finished: 'FINISHED_AT',
};

/** The order of the query, if the store has it. */
const storeOrder = (query: JobQuery): StoreOrder | null => {
  const [first, second] = query.orderBy;
  if (first === undefined) return USUAL;
  const orderBy = STORE_ORDERS[columnOf(first, query)?.name ?? ''];
  // Absent values come last in ascending order, and first in descending order: the store has no other.
  if (orderBy === undefined || second !== undefined || first.nullsFirst !== first.isDescending) return null;
  return { orderBy, isDescending: first.isDescending };
};

const keyOf = (order: Order, query: JobQuery) => {
  const column = columnOf(order, query);
  return (job: Job): Value => {
    const value = column?.read(job) ?? null;
    return column?.type === 'int8' && value !== null ? Number(value) : value;
  };
};

const compareBy = (orders: readonly Order[], one: readonly Value[], other: readonly Value[]): number => {
  for (const [index, { isDescending, nullsFirst }] of orders.entries()) {
    const a = one[index] ?? null;
    const b = other[index] ?? null;
    if (a === b) continue;
    if (a === null || b === null) return (a === null) === nullsFirst ? -1 : 1;
    return (a < b ? -1 : 1) * (isDescending ? -1 : 1);
  }
  return 0;
};

const collect = async (caller: Caller, where: StoreCondition): Promise<Job[]> => {
  const jobs: Job[] = [];
  for await (const job of jobsOf(caller, where, USUAL, MOST_SORTED + 1)) jobs.push(job);
  if (jobs.length <= MOST_SORTED) return jobs;
  throw sqlError(
    'tooLong',
    `more than ${MOST_SORTED} jobs would be sorted or grouped: add a condition, or order by job_id, modified or finished`,
  );
};

async function* grouped(caller: Caller, query: JobQuery, groupBy: readonly JobColumn[]): AsyncGenerator<Row> {
  const where = whereOf(query, caller);
  const groups = await groupsOf(caller, where, groupBy);
  const rows = groups.map(({ values, count }) =>
    query.targets.map(({ column }): Value => (column === null ? count : (values[groupBy.indexOf(column)] ?? null))),
  );
  const keys = query.orderBy.map(({ by }) => (row: Row) => {
    const value = (typeof by === 'number' ? row[by] : null) ?? null;
    return typeof by === 'number' && query.targets[by]?.type === 'int8' && value !== null ? Number(value) : value;
  });
  rows.sort((one, other) =>
    compareBy(
      query.orderBy,
      keys.map((key) => key(one)),
      keys.map((key) => key(other)),
    ),
  );
  yield* rows.slice(query.offset, query.limit === null ? undefined : query.offset + query.limit);
}

interface Group {
  readonly values: Row;
  count: number;
}

const groupsOf = async (
  caller: Caller,
  where: StoreCondition,
  groupBy: readonly JobColumn[],
): Promise<readonly Group[]> => {
  const { store, access } = caller;
  if (groupBy.length === 0) {
    const count = await store.countJobs(access(), where);
    if (count === null) throw sqlError('canceled', 'the jobs could not be counted within the time limit for reads');
    return [{ values: [], count }];
  }
  const groups = new Map<string, Group>();
  const add = (values: Row, count: number) => {
    const key = JSON.stringify(values);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { values, count });
    else group.count += count;
  };
  if (groupBy.every(({ name }) => name === 'status')) {
    for (const { status, count } of await store.countByStatus(access(), where)) {
      add(
        groupBy.map(() => statusWord(status)),
        count,
      );
    }
  } else for (const job of await collect(caller, where)) add(rowOf(job, groupBy), 1);
  return [...groups.values()];
};
