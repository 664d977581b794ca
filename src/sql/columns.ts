/** The columns of the results, and how the columns of SHOW JOBS relate to fields of a job and of its filter. */
import { JOB_TYPES, type Job } from '../jobs/job.ts';
import { JOB_STATUSES } from '../jobs/status.ts';

export type ColumnType = 'int8' | 'text' | 'timestamptz' | 'float8' | 'bool' | 'int4' | 'oid' | 'json';

/** What a parameter is: a value, or an array of values. */
export type ParameterType = ColumnType | `${ColumnType}[]`;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** Times are numbers of milliseconds since 1970; an int8 is a number or a text of digits; json is a text. */
export type Value = string | number | boolean | null;
export type Row = readonly Value[];

export interface JobColumn extends Column {
  /** The field of JobFilter; null: the column cannot be compared. */
  readonly field: string | null;
  readonly read: (job: Job) => Value;
}

const input = (job: Job): Readonly<Record<string, unknown>> =>
  typeof job.inputJson === 'object' && job.inputJson !== null ? (job.inputJson as Record<string, unknown>) : {};
const textOf = (value: unknown): Value => (typeof value === 'string' ? value : null);

const column = (name: string, type: ColumnType, field: string | null, read: (job: Job) => Value): JobColumn => ({
  name,
  type,
  field,
  read,
});

/** Statuses as SQL shows them: `pause-requested`. */
export const statusWord = (status: string): string => status.toLowerCase().replaceAll('_', '-');
/** `SCHEMA CHANGE`; the name of a custom kind as it is. */
export const typeWord = (typeName: string): string => (typeName === 'SCHEMA_CHANGE' ? 'SCHEMA CHANGE' : typeName);

/** A status in either form; undefined: it is none. */
export const statusNamed = (text: string): string | undefined =>
  JOB_STATUSES.find((status) => status === text.toUpperCase().replaceAll('-', '_'));

/** A built-in type in either form, in any case; otherwise the text, for a custom kind. */
export const typeNamed = (text: string): string => {
  const name = text.toUpperCase().replaceAll(' ', '_');
  return JOB_TYPES.find((type) => type === name) ?? text;
};

export const JOB_COLUMNS: readonly JobColumn[] = [
  column('job_id', 'int8', 'id', ({ id }) => id),
  column('job_type', 'text', 'typeName', ({ typeName }) => typeWord(typeName)),
  column('description', 'text', 'description', ({ description }) => description),
  column('user_name', 'text', 'userName', ({ userName }) => userName),
  column('status', 'text', 'status', ({ status }) => statusWord(status)),
  column('running_status', 'text', null, ({ statusMessage }) => statusMessage),
  column('created', 'timestamptz', 'createdAt', ({ createdAt }) => createdAt),
  column('started', 'timestamptz', 'startedAt', ({ startedAt }) => startedAt),
  column('finished', 'timestamptz', 'finishedAt', ({ finishedAt }) => finishedAt),
  column('modified', 'timestamptz', 'modifiedAt', ({ modifiedAt }) => modifiedAt),
  column('fraction_completed', 'float8', 'fractionCompleted', ({ fractionCompleted }) => fractionCompleted),
  column('error', 'text', 'error', ({ error }) => error),
  column('coordinator_id', 'text', null, ({ coordinator }) => coordinator),
];

/** Columns that `*` does not include. */
export const HIDDEN_COLUMNS: readonly JobColumn[] = [
  column('database', 'text', 'database', ({ database }) => database),
];

export const FEED_COLUMNS: readonly JobColumn[] = [
  ...JOB_COLUMNS,
  column(
    'high_water_timestamp',
    'timestamptz',
    null,
    ({ counters }) => counters.find(({ name }) => name === 'highWater')?.value ?? null,
  ),
  column('sink_uri', 'text', null, (job) => textOf(input(job).sink)),
  column('full_table_names', 'text', null, (job) => {
    const { tables } = input(job);
    return Array.isArray(tables) ? tables.map((table) => `${job.database}.${table}`).join(', ') : null;
  }),
  column('format', 'text', null, () => 'json'),
];

/** The columns of commands with outcomes, and of EXPLAIN. */
export const OUTCOME_COLUMNS: readonly Column[] = [
  { name: 'job_id', type: 'int8' },
  { name: 'result', type: 'text' },
  { name: 'code', type: 'text' },
  { name: 'message', type: 'text' },
];
