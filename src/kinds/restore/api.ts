/** RESTORE in the API: its job and its creation. */
import { builder } from '../../graphql/builder.ts';
import { createJob, creationInput, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { addSchedulableKind } from '../../graphql/scheduled-jobs.ts';
import { detailsReader } from '../../jobs/declare.ts';
import type { Job } from '../../jobs/job.ts';
import { DETAILS } from './details.ts';
import { INPUT } from './input.ts';

const detailsOf = detailsReader(DETAILS);

const RestoreJobType = builder.objectRef<Job>('RestoreJob').implement({
  description: 'A job that copies a backup, or some of its tables, into a database. The tables appear all at once.',
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'RESTORE',
  fields: (t) => ({
    source: t.string({
      description: 'The URL of the backup, with secrets redacted.',
      resolve: (job) => detailsOf(job).source,
    }),
    database: t.string({
      description: 'The name of the target database.',
      resolve: (job) => detailsOf(job).database,
    }),
    tables: t.stringList({
      description: 'The tables that are restored.',
      resolve: (job) => [...detailsOf(job).tables],
    }),
    verifyOnly: t.boolean({
      description: 'Whether the backup is only verified: nothing is restored.',
      resolve: (job) => detailsOf(job).verifyOnly,
    }),
    rowsRestored: t.field({
      type: 'Count',
      description: 'The rows that were copied so far. A database that is created receives all of them at once.',
      resolve: (job) => counterOf(job, 'rows'),
    }),
  }),
});

const CreationInput = creationInput(INPUT);
addSchedulableKind('restore', 'RESTORE', CreationInput, 'A restore; with `verifyOnly`, a check of a backup.');

builder.mutationField('createRestore', (t) =>
  t.field({
    type: payloadOf('CreateRestorePayload', RestoreJobType),
    nullable: true,
    description:
      'RESTORE: creates a job that copies a backup into a database. FORBIDDEN without the privilege CREATEJOB. CONFLICT if ' +
      'another job is creating the same table or database.',
    args: { input: t.arg({ type: CreationInput, required: true, description: 'The restore.' }) },
    resolve: (_, { input }, context) => createJob('RESTORE', input, context),
  }),
);
