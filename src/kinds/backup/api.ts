/** BACKUP in the API: its job, its creation, and what a URL holds. */
import { builder } from '../../graphql/builder.ts';
import { createJob, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { requireReadDatabases } from '../../jobs/access.ts';
import type { Job } from '../../jobs/job.ts';
import type { BackupSummary } from './summary.ts';

interface BackupDetails {
  readonly database: string;
  readonly tables: readonly string[];
  readonly destination: string;
}

const backupDetails = (job: Job) => job.details as BackupDetails;

const BackupJobType = builder.objectRef<Job>('BackupJob').implement({
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'BACKUP',
  fields: (t) => ({
    database: t.string({ resolve: (job) => backupDetails(job).database }),
    tables: t.stringList({ resolve: (job) => [...backupDetails(job).tables] }),
    destination: t.string({ description: 'Redacted.', resolve: (job) => backupDetails(job).destination }),
    bytesWritten: t.field({ type: 'Count', resolve: (job) => counterOf(job, 'bytes') }),
  }),
});

const BackupTableType = builder.objectRef<BackupSummary['tables'][number]>('BackupTable').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    rows: t.expose('rows', { type: 'Count', nullable: true }),
  }),
});

const BackupType = builder.objectRef<BackupSummary>('Backup').implement({
  description: 'SHOW BACKUP',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Redacted.' }),
    database: t.exposeString('database'),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'The moment of the snapshot; of a backup that is being written, when that was begun.',
    }),
    complete: t.exposeBoolean('complete', { description: 'False for one that is being written, or was left so.' }),
    incrementalFrom: t.exposeString('incrementalFrom', {
      nullable: true,
      description: 'The backup that this one is made upon, redacted: it is needed to restore this one.',
    }),
    sizeBytes: t.expose('sizeBytes', { type: 'Count', description: 'Of the database when it is restored.' }),
    storedBytes: t.expose('storedBytes', { type: 'Count', description: 'What is stored at this place.' }),
    tables: t.field({ type: [BackupTableType], resolve: ({ tables }) => tables }),
  }),
});

builder.queryField('backup', (t) =>
  t.field({
    type: BackupType,
    nullable: true,
    description:
      'The backup at a URL; null where there is none. For those who may create jobs; without keys in the URL the ' +
      "server's own are used, for admins. One that is damaged is BAD_USER_INPUT, saying in what.",
    args: { url: t.arg.string({ required: true }) },
    resolve: (_, { url }, { threads, environmentOf, viewer }) => {
      requireReadDatabases(viewer());
      return threads.ask<BackupSummary | null>('backup', url, environmentOf(null, viewer().isAdmin));
    },
  }),
);

const CreateBackupInput = builder.inputType('CreateBackupInput', {
  fields: (t) => ({
    database: t.string({ required: true }),
    tables: t.stringList({ description: 'All tables when left out.' }),
    destination: t.string({
      required: true,
      description: 'nodelocal:, s3:, azure:, gs:; a place that holds no backup.',
    }),
    incrementalFrom: t.string({ description: 'Stores only what the backup at this URL lacks.' }),
    idempotencyKey: t.string(),
  }),
});

builder.mutationField('createBackup', (t) =>
  t.field({
    type: payloadOf('CreateBackupPayload', BackupJobType),
    nullable: true,
    args: { input: t.arg({ type: CreateBackupInput, required: true }) },
    resolve: (_, { input }, context) => createJob('BACKUP', input, context),
  }),
);
