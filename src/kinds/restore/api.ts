/** RESTORE in the API: its job and its creation. */
import { builder } from '../../graphql/builder.ts';
import { createJob, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import type { Job } from '../../jobs/job.ts';

interface RestoreDetails {
  readonly source: string;
  readonly database: string;
  readonly tables: readonly string[];
}

const restoreDetails = (job: Job) => job.details as RestoreDetails;

const RestoreJobType = builder.objectRef<Job>('RestoreJob').implement({
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'RESTORE',
  fields: (t) => ({
    source: t.string({ description: 'Redacted.', resolve: (job) => restoreDetails(job).source }),
    database: t.string({ resolve: (job) => restoreDetails(job).database }),
    tables: t.stringList({ resolve: (job) => [...restoreDetails(job).tables] }),
    rowsRestored: t.field({ type: 'Count', resolve: (job) => counterOf(job, 'rows') }),
  }),
});

const CreateRestoreInput = builder.inputType('CreateRestoreInput', {
  fields: (t) => ({
    source: t.string({ required: true }),
    tables: t.stringList({ description: 'All tables of the backup when left out.' }),
    database: t.string({
      required: true,
      description: 'Target. Created when missing; tables that exist in it are an error, and stay as they are.',
    }),
    idempotencyKey: t.string(),
  }),
});

builder.mutationField('createRestore', (t) =>
  t.field({
    type: payloadOf('CreateRestorePayload', RestoreJobType),
    nullable: true,
    args: { input: t.arg({ type: CreateRestoreInput, required: true }) },
    resolve: (_, { input }, context) => createJob('RESTORE', input, context),
  }),
);
