import { builder } from '../../graphql/builder.ts';
import { ColumnInput, createJob, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import type { Job } from '../../jobs/job.ts';

interface SchemaChangeDetails {
  readonly database: string;
  readonly tables: readonly string[];
}

const detailsOf = (job: Job) => job.details as SchemaChangeDetails;

const SchemaChangeJobType = builder.objectRef<Job>('SchemaChangeJob').implement({
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'SCHEMA_CHANGE',
  fields: (t) => ({
    database: t.string({ resolve: (job) => detailsOf(job).database }),
    tables: t.stringList({ resolve: (job) => [...detailsOf(job).tables] }),
    rowsBackfilled: t.field({
      type: 'Count',
      description: 'Copied into a table of the new shape. None where only the catalogue changes.',
      resolve: (job) => counterOf(job, 'rows'),
    }),
  }),
});

const AddColumn = builder.inputType('AddColumn', {
  fields: (t) => ({
    table: t.string({ required: true }),
    column: t.field({ type: ColumnInput, required: true, description: 'It cannot be part of the primary key.' }),
  }),
});

const DropColumn = builder.inputType('DropColumn', {
  fields: (t) => ({ table: t.string({ required: true }), column: t.string({ required: true }) }),
});

const RenameColumn = builder.inputType('RenameColumn', {
  description: 'Indexes, triggers, views and foreign keys that name the column follow.',
  fields: (t) => ({
    table: t.string({ required: true }),
    column: t.string({ required: true }),
    to: t.string({ required: true }),
  }),
});

const AlterColumn = builder.inputType('AlterColumn', {
  description: 'What is left out stays. A value that the new type cannot keep as it is fails the job.',
  fields: (t) => ({
    table: t.string({ required: true }),
    column: t.string({ required: true }),
    type: t.string(),
    nullable: t.boolean(),
    default: t.string({
      description: 'One SQL expression. Of rows that come later: those that are there keep what they have.',
    }),
    dropDefault: t.boolean(),
  }),
});

const CreateIndex = builder.inputType('CreateIndex', {
  fields: (t) => ({
    table: t.string({ required: true }),
    name: t.string({ required: true }),
    columns: t.stringList({ required: true }),
    unique: t.boolean({ required: true, defaultValue: false }),
    where: t.string({ description: 'One SQL expression: the rows that are indexed.' }),
  }),
});

const DropIndex = builder.inputType('DropIndex', {
  fields: (t) => ({ table: t.string({ required: true }), name: t.string({ required: true }) }),
});

const SchemaChangeInput = builder.inputType('SchemaChangeInput', {
  isOneOf: true,
  fields: (t) => ({
    addColumn: t.field({ type: AddColumn }),
    dropColumn: t.field({ type: DropColumn }),
    renameColumn: t.field({ type: RenameColumn }),
    alterColumn: t.field({ type: AlterColumn }),
    createIndex: t.field({ type: CreateIndex }),
    dropIndex: t.field({ type: DropIndex }),
  }),
});

const CreateSchemaChangeInput = builder.inputType('CreateSchemaChangeInput', {
  fields: (t) => ({
    database: t.string({ required: true }),
    changes: t.field({
      type: [SchemaChangeInput],
      required: true,
      description: 'Made together, in order, in one copy where a copy is needed; all or none.',
    }),
    idempotencyKey: t.string(),
  }),
});

builder.mutationField('createSchemaChange', (t) =>
  t.field({
    type: payloadOf('CreateSchemaChangePayload', SchemaChangeJobType),
    nullable: true,
    description: 'It cannot be paused. Cancelled before the swap, it leaves its tables exactly as they were.',
    args: { input: t.arg({ type: CreateSchemaChangeInput, required: true }) },
    resolve: (_, { input }, context) => createJob('SCHEMA_CHANGE', input, context),
  }),
);
