/** SCHEMA CHANGE in the API: its job and its creation. */
import { builder } from '../../graphql/builder.ts';
import { createJob, creationInput, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { addSchedulableKind } from '../../graphql/scheduled-jobs.ts';
import { SERVER_REACH } from '../../jobs/access.ts';
import { detailsReader } from '../../jobs/declare.ts';
import type { Job } from '../../jobs/job.ts';
import { DETAILS } from './details.ts';
import { INPUT } from './input.ts';

const detailsOf = detailsReader(DETAILS);

const SchemaChangeJobType = builder.objectRef<Job>('SchemaChangeJob').implement({
  description: 'A job that changes columns and indexes of tables while they are in use.',
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'SCHEMA_CHANGE',
  fields: (t) => ({
    database: t.string({ description: 'The name of the database.', resolve: (job) => detailsOf(job).database }),
    tables: t.stringList({ description: 'The tables that change.', resolve: (job) => [...detailsOf(job).tables] }),
    rowsBackfilled: t.field({
      type: 'Count',
      description: 'The rows that were copied into tables with the new columns. 0 if only the catalogue changes.',
      resolve: (job) => counterOf(job, 'rows'),
    }),
    changesRecorded: t.field({
      type: 'Count',
      nullable: true,
      extensions: { cost: 50 },
      description:
        'The changes that others have made to the tables since the job was paused, and that it carries over when it is ' +
        'resumed. They are recorded in the database, without limit. Null unless the job is PAUSED. UNAVAILABLE if they ' +
        'cannot be counted now.',
      resolve: async ({ id, status, database: name }, _, { store, runner, environmentOf }) => {
        const database =
          status === 'PAUSED' ? (await store.databases()).find((known) => known.name === name) : undefined;
        if (database === undefined) return null;
        const place = { database: environmentOf(database, SERVER_REACH).database };
        return runner.ask<number>('SCHEMA_CHANGE', 'recorded', place, database.name, id);
      },
    }),
  }),
});

const CreationInput = creationInput(INPUT);
addSchedulableKind('schemaChange', 'SCHEMA_CHANGE', CreationInput, 'Changes of tables.');

builder.mutationField('createSchemaChange', (t) =>
  t.field({
    type: payloadOf('CreateSchemaChangePayload', SchemaChangeJobType),
    nullable: true,
    description:
      'SCHEMA CHANGE: creates a job that changes tables while they are in use. It cannot be paused, unless the operator ' +
      'has set SCHEMA_CHANGES_PAUSABLE, but with `holdBeforeCommit` it pauses itself before the swap. If it is canceled ' +
      'before the swap, its tables are exactly as they were. FORBIDDEN without the privilege CREATEJOB.',
    args: { input: t.arg({ type: CreationInput, required: true, description: 'The changes.' }) },
    resolve: (_, { input }, context) => createJob('SCHEMA_CHANGE', input, context),
  }),
);
