/** Filters and selectors of jobs and events: their input types, and their meaning for the store. */
import { badInput } from '../errors.ts';
import { type Condition, EVENT_FIELDS, EVERYTHING, type Filter, JOB_FIELDS, readFilter } from '../jobs/filter.ts';
import type { Selection } from '../store/store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { JobCommandEnum, JobStatusEnum, JobTypeEnum } from './job.ts';
import { jobIdOf } from './pagination.ts';

const EQUALS = 'The value is equal to this one.';
const IN = 'The value is one of these. An empty list matches nothing.';
const NOT = 'The value is not equal to this one, or is absent.';
const NOT_IN = 'The value is none of these, or is absent.';
const IS_NULL = 'true: the value is absent. false: it is present.';

const IdFilter = builder.inputType('IdFilter', {
  description: 'Compares an id. All given conditions must hold.',
  fields: (t) => ({
    equals: t.id({ description: EQUALS }),
    in: t.idList({ description: IN }),
    not: t.id({ description: NOT }),
    notIn: t.idList({ description: NOT_IN }),
    lt: t.id({ description: 'The id is less than this one, as a number.' }),
    lte: t.id({ description: 'The id is less than or equal to this one, as a number.' }),
    gt: t.id({ description: 'The id is greater than this one, as a number.' }),
    gte: t.id({ description: 'The id is greater than or equal to this one, as a number.' }),
  }),
});

const enumFilter = (
  name: string,
  what: string,
  type: typeof JobTypeEnum | typeof JobStatusEnum | typeof JobCommandEnum,
) =>
  builder.inputType(name, {
    description: `Compares ${what}. All given conditions must hold.`,
    fields: (t) => ({
      equals: t.field({ type, description: EQUALS }),
      in: t.field({ type: [type], description: IN }),
      not: t.field({ type, description: NOT }),
      notIn: t.field({ type: [type], description: NOT_IN }),
    }),
  });

const JobCommandFilter = enumFilter('JobCommandFilter', 'a command', JobCommandEnum);
const JobTypeFilter = enumFilter('JobTypeFilter', 'a type of job', JobTypeEnum);
const JobStatusFilter = enumFilter('JobStatusFilter', 'a status', JobStatusEnum);

export const StringFilter = builder.inputType('StringFilter', {
  description:
    'Compares a text. All given conditions must hold. `contains`, `startsWith` and `ilike` ignore the case of ASCII ' +
    'letters; the other conditions do not. `%` and `_` are ordinary characters, except in `like` and `ilike`.',
  fields: (t) => ({
    equals: t.string({ description: EQUALS }),
    in: t.stringList({ description: IN }),
    not: t.string({ description: NOT }),
    notIn: t.stringList({ description: NOT_IN }),
    contains: t.string({ description: 'The value contains this text. ASCII case is ignored.' }),
    startsWith: t.string({ description: 'The value starts with this text. ASCII case is ignored.' }),
    like: t.string({
      description:
        'The whole value matches this pattern, in which `%` stands for any text, `_` for one character, and a backslash ' +
        'makes the next character literal.',
    }),
    ilike: t.string({ description: 'The same as `like`. ASCII case is ignored.' }),
    isNull: t.boolean({ description: IS_NULL }),
  }),
});

export const DateTimeFilter = builder.inputType('DateTimeFilter', {
  description: 'Compares a point in time. All given conditions must hold.',
  fields: (t) => ({
    lt: t.field({ type: 'DateTime', description: 'The value is before this time.' }),
    lte: t.field({ type: 'DateTime', description: 'The value is at or before this time.' }),
    gt: t.field({ type: 'DateTime', description: 'The value is after this time.' }),
    gte: t.field({ type: 'DateTime', description: 'The value is at or after this time.' }),
    isNull: t.boolean({ description: IS_NULL }),
  }),
});

const FloatFilter = builder.inputType('FloatFilter', {
  description: 'Compares a number. All given conditions must hold.',
  fields: (t) => ({
    lt: t.float({ description: 'The value is less than this number.' }),
    lte: t.float({ description: 'The value is less than or equal to this number.' }),
    gt: t.float({ description: 'The value is greater than this number.' }),
    gte: t.float({ description: 'The value is greater than or equal to this number.' }),
    isNull: t.boolean({ description: IS_NULL }),
  }),
});

export const AND = 'All of these filters match.';
export const OR = 'At least one of these filters matches.';
export const NEGATED = 'This filter does not match.';

const USER = 'The user who created the job. Whole names are compared without case.';

const JobFilterRef = builder.inputRef<Readonly<Record<string, unknown>>>('JobFilter');
export const JobFilter = JobFilterRef.implement({
  description:
    'Selects jobs. All given conditions must hold. A filter means the same in a query, a control mutation and a ' +
    'subscription. Logic is two-valued: a comparison with an absent value is false, and `not` negates that. In a query ' +
    'or a subscription `{}` matches every job; in a control mutation it is BAD_USER_INPUT.',
  fields: (t) => ({
    id: t.field({ type: IdFilter, description: 'The id of the job.' }),
    scheduleId: t.field({
      type: IdFilter,
      description: 'The id of the schedule that created the job. Absent if none did.',
    }),
    type: t.field({ type: JobTypeFilter, description: 'The type of the job.' }),
    typeName: t.field({ type: StringFilter, description: 'The name of the type, or of the custom kind.' }),
    status: t.field({ type: JobStatusFilter, description: 'The current status.' }),
    userName: t.field({ type: StringFilter, description: USER }),
    database: t.field({ type: StringFilter, description: 'The database that the job works on.' }),
    description: t.field({ type: StringFilter, description: 'The equivalent statement.' }),
    error: t.field({ type: StringFilter, description: 'Why the job failed or is reverting.' }),
    createdAt: t.field({ type: DateTimeFilter, description: 'When the job was created.' }),
    startedAt: t.field({ type: DateTimeFilter, description: 'When the job first ran.' }),
    finishedAt: t.field({ type: DateTimeFilter, description: 'When the job ended.' }),
    modifiedAt: t.field({ type: DateTimeFilter, description: 'When the job last changed.' }),
    fractionCompleted: t.field({ type: FloatFilter, description: 'The completed fraction, from 0 to 1.' }),
    and: t.field({ type: [JobFilterRef], description: AND }),
    or: t.field({ type: [JobFilterRef], description: OR }),
    not: t.field({ type: JobFilterRef, description: NEGATED }),
  }),
});

const JobEventFilterRef = builder.inputRef<Readonly<Record<string, unknown>>>('JobEventFilter');
export const JobEventFilter = JobEventFilterRef.implement({
  description:
    "Selects events by the event's own content, which is fixed when it is written: a replay therefore selects exactly " +
    'what the live stream did. All given conditions must hold. `{}` matches every event.',
  fields: (t) => ({
    jobId: t.field({ type: IdFilter, description: 'The id of the job.' }),
    type: t.field({ type: JobTypeFilter, description: 'The type of the job.' }),
    typeName: t.field({ type: StringFilter, description: 'The name of the type, or of the custom kind.' }),
    userName: t.field({ type: StringFilter, description: USER }),
    description: t.field({ type: StringFilter, description: 'The equivalent statement.' }),
    database: t.field({ type: StringFilter, description: 'The database that the job works on.' }),
    from: t.field({ type: JobStatusFilter, description: 'The status before the change. Absent for the creation.' }),
    to: t.field({ type: JobStatusFilter, description: 'The status after the change.' }),
    reason: t.field({ type: StringFilter, description: 'The reason that was given with the command.' }),
    error: t.field({ type: StringFilter, description: 'The error that caused the change.' }),
    at: t.field({ type: DateTimeFilter, description: 'When the event was written.' }),
    actor: t.field({
      type: StringFilter,
      description:
        'The name of the user, worker or service that made the change. Whole names of users are compared without case.',
    }),
    command: t.field({ type: JobCommandFilter, description: 'The command. Absent if no command made the change.' }),
    and: t.field({ type: [JobEventFilterRef], description: AND }),
    or: t.field({ type: [JobEventFilterRef], description: OR }),
    not: t.field({ type: JobEventFilterRef, description: NEGATED }),
  }),
});

/** Names of users in filters are compared without case. */
type Names = Pick<Context, 'viewers'>;

/** Parses the filter of a list of jobs. An empty part is no condition. */
export const readJobFilter = (where: Filter | null | undefined, { viewers }: Names): Condition =>
  where === null || where === undefined
    ? EVERYTHING
    : readFilter(where, JOB_FIELDS, 'where', 'ignored', viewers.nameOf);

/** Parses a filter of events. An empty part is no condition. */
export const readEventFilter = (where: Filter | null | undefined, { viewers }: Names): Condition =>
  where === null || where === undefined
    ? EVERYTHING
    : readFilter(where, EVENT_FIELDS, 'where', 'ignored', viewers.nameOf);

export const LARGEST_SELECTION = 10_000;

export const JobSelector = builder.inputType('JobSelector', {
  description:
    'Selects jobs by their ids, by a filter (the nested SELECT of PAUSE JOBS), or all of them. An empty filter is ' +
    'BAD_USER_INPUT at any depth (`{}`, an explicit null, an empty list, `contains: ""`), and so are `ids: []` and ' +
    '`all: false`, so that a mistake in a front end does not act on every job.',
  isOneOf: true,
  fields: (t) => ({
    ids: t.idList({
      description:
        'From 1 to 10,000 ids. Duplicates count once. An id that does not exist, or is not visible, is NOT_FOUND.',
    }),
    where: t.field({ type: JobFilter, description: 'All visible jobs that match.' }),
    all: t.boolean({ description: 'Must be true: all visible jobs.' }),
  }),
});

interface Selector {
  readonly ids?: readonly string[] | null | undefined;
  readonly where?: Filter | null | undefined;
  readonly all?: boolean | null | undefined;
}

/** @throws BAD_USER_INPUT with the path of an empty part, or of an id that cannot be a job's */
export const readSelector = ({ ids, where, all }: Selector, path: string, { viewers }: Names): Selection => {
  if (ids !== undefined) return readIds(ids, `${path}.ids`);
  if (where !== undefined) return { where: readFilter(where, JOB_FIELDS, `${path}.where`, 'refused', viewers.nameOf) };
  if (all === true) return { where: EVERYTHING };
  throw badInput(`${path}.all`, `${path}.all must be true: give ids, where, or all: true`);
};

const readIds = (ids: readonly string[] | null, path: string): Selection => {
  if (ids === null || ids.length === 0) throw badInput(path, `${path} is empty: give at least one id`);
  return { ids: ids.map((id, index) => jobIdOf(id, `${path}.${index}`)) };
};
