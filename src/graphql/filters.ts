import { builder } from './builder.ts';
import { JobCommandEnum, JobStatusEnum, JobTypeEnum } from './job.ts';

const IdFilter = builder.inputType('IdFilter', {
  fields: (t) => ({ equals: t.id(), in: t.idList(), not: t.id(), notIn: t.idList() }),
});
const JobCommandFilter = builder.inputType('JobCommandFilter', {
  fields: (t) => ({
    equals: t.field({ type: JobCommandEnum }),
    in: t.field({ type: [JobCommandEnum] }),
    not: t.field({ type: JobCommandEnum }),
    notIn: t.field({ type: [JobCommandEnum] }),
  }),
});
const JobTypeFilter = builder.inputType('JobTypeFilter', {
  fields: (t) => ({
    equals: t.field({ type: JobTypeEnum }),
    in: t.field({ type: [JobTypeEnum] }),
    not: t.field({ type: JobTypeEnum }),
    notIn: t.field({ type: [JobTypeEnum] }),
  }),
});
const JobStatusFilter = builder.inputType('JobStatusFilter', {
  fields: (t) => ({
    equals: t.field({ type: JobStatusEnum }),
    in: t.field({ type: [JobStatusEnum] }),
    not: t.field({ type: JobStatusEnum }),
    notIn: t.field({ type: [JobStatusEnum] }),
  }),
});
const StringFilter = builder.inputType('StringFilter', {
  description: '`contains` and `startsWith` ignore ASCII case; `%` and `_` are plain characters.',
  fields: (t) => ({
    equals: t.string(),
    in: t.stringList(),
    not: t.string(),
    notIn: t.stringList(),
    contains: t.string(),
    startsWith: t.string(),
    isNull: t.boolean(),
  }),
});
const DateTimeFilter = builder.inputType('DateTimeFilter', {
  fields: (t) => ({
    lt: t.field({ type: 'DateTime' }),
    lte: t.field({ type: 'DateTime' }),
    gt: t.field({ type: 'DateTime' }),
    gte: t.field({ type: 'DateTime' }),
    isNull: t.boolean(),
  }),
});
const FloatFilter = builder.inputType('FloatFilter', {
  fields: (t) => ({ lt: t.float(), lte: t.float(), gt: t.float(), gte: t.float(), isNull: t.boolean() }),
});

const JobFilterRef = builder.inputRef<Readonly<Record<string, unknown>>>('JobFilter');
export const JobFilter = JobFilterRef.implement({
  description:
    'All that is given must hold; the same meaning in a query, a control mutation and a subscription. Two-valued: a ' +
    'comparison with an absent value is false, and `not` negates that.',
  fields: (t) => ({
    id: t.field({ type: IdFilter }),
    type: t.field({ type: JobTypeFilter }),
    typeName: t.field({ type: StringFilter }),
    status: t.field({ type: JobStatusFilter }),
    userName: t.field({ type: StringFilter }),
    database: t.field({ type: StringFilter, description: 'The database that it works on.' }),
    description: t.field({ type: StringFilter }),
    error: t.field({ type: StringFilter }),
    createdAt: t.field({ type: DateTimeFilter }),
    startedAt: t.field({ type: DateTimeFilter }),
    finishedAt: t.field({ type: DateTimeFilter }),
    modifiedAt: t.field({ type: DateTimeFilter }),
    fractionCompleted: t.field({ type: FloatFilter }),
    and: t.field({ type: [JobFilterRef] }),
    or: t.field({ type: [JobFilterRef] }),
    not: t.field({ type: JobFilterRef }),
  }),
});

const JobEventFilterRef = builder.inputRef<Readonly<Record<string, unknown>>>('JobEventFilter');
export const JobEventFilter = JobEventFilterRef.implement({
  description: 'On what an event says itself, fixed when it was written: a replay selects what the live stream did.',
  fields: (t) => ({
    jobId: t.field({ type: IdFilter }),
    type: t.field({ type: JobTypeFilter }),
    typeName: t.field({ type: StringFilter }),
    userName: t.field({ type: StringFilter }),
    description: t.field({ type: StringFilter }),
    database: t.field({ type: StringFilter }),
    from: t.field({ type: JobStatusFilter }),
    to: t.field({ type: JobStatusFilter }),
    reason: t.field({ type: StringFilter }),
    error: t.field({ type: StringFilter }),
    at: t.field({ type: DateTimeFilter }),
    actor: t.field({ type: StringFilter }),
    command: t.field({ type: JobCommandFilter }),
    and: t.field({ type: [JobEventFilterRef] }),
    or: t.field({ type: [JobEventFilterRef] }),
    not: t.field({ type: JobEventFilterRef }),
  }),
});
