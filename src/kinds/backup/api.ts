/** BACKUP in the API: its job, its creation, and the backup at a URL. */
import { builder } from '../../graphql/builder.ts';
import { createJob, creationInput, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { reachOf, requireReadDatabases } from '../../jobs/access.ts';
import { detailsReader } from '../../jobs/declare.ts';
import type { Job } from '../../jobs/job.ts';
import type { BackupSummary } from './describe.ts';
import { DETAILS } from './details.ts';
import { INPUT } from './input.ts';

const detailsOf = detailsReader(DETAILS);

const BackupJobType = builder.objectRef<Job>('BackupJob').implement({
  description: 'A job that stores a snapshot of a database at a storage URL while the database is in use.',
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'BACKUP',
  fields: (t) => ({
    database: t.string({
      description: 'The name of the database that is backed up.',
      resolve: (job) => detailsOf(job).database,
    }),
    tables: t.stringList({
      description: 'The tables that are backed up, as they were when the job was created.',
      resolve: (job) => [...detailsOf(job).tables],
    }),
    destination: t.string({
      description: 'The URL of the backup, with secrets redacted.',
      resolve: (job) => detailsOf(job).destination,
    }),
    bytesWritten: t.field({
      type: 'Count',
      description: 'The bytes that were stored so far, compressed.',
      resolve: (job) => counterOf(job, 'bytes'),
    }),
  }),
});

const BackupTableType = builder.objectRef<BackupSummary['tables'][number]>('BackupTable').implement({
  description: 'A table in a backup.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the table.' }),
    rows: t.expose('rows', {
      type: 'Count',
      nullable: true,
      description: 'The number of rows. Null if they could not be counted when the backup was made.',
    }),
  }),
});

const BackupType = builder.objectRef<BackupSummary>('Backup').implement({
  description: 'A backup as it is stored: the result of SHOW BACKUP.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'The URL of the backup, with secrets redacted.' }),
    database: t.exposeString('database', { description: 'The name of the database that was backed up.' }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'The time of the snapshot. While the backup is in progress, the time at which it was begun.',
    }),
    complete: t.exposeBoolean('complete', {
      description:
        'Whether the backup can be restored: its files and those of its parents exist. false while it is in progress or ' +
        'abandoned.',
    }),
    incrementalFrom: t.exposeString('incrementalFrom', {
      nullable: true,
      description:
        'The URL of the parent backup, with secrets redacted: a restore needs it too. Null for a full backup.',
    }),
    sizeBytes: t.expose('sizeBytes', { type: 'Count', description: 'The size of the restored database, in bytes.' }),
    storedBytes: t.expose('storedBytes', {
      type: 'Count',
      description: 'The bytes that are stored at this URL, without those of the parent.',
    }),
    tables: t.field({
      type: [BackupTableType],
      description: 'The tables in the backup. Empty if the backup is encrypted: only the passphrase reveals them.',
      resolve: ({ tables }) => tables,
    }),
  }),
});

builder.queryField('backup', (t) =>
  t.field({
    type: BackupType,
    nullable: true,
    extensions: { cost: 500 },
    description:
      'SHOW BACKUP: the backup at a URL. Null if there is none. FORBIDDEN without the privilege CREATEJOB. If the URL ' +
      "has no keys, the server's own are used, for admins only. BAD_USER_INPUT if the backup is damaged, with the reason; " +
      'UNAVAILABLE if the storage does not answer.',
    args: {
      url: t.arg.string({
        required: true,
        description: 'The URL of the backup: nodelocal:, s3:, azure:, gs:, http: or https:.',
      }),
    },
    resolve: (_, { url }, { runner, environmentOf, viewer }) => {
      requireReadDatabases(viewer());
      return runner.ask<BackupSummary | null>('BACKUP', 'describe', url, environmentOf(null, reachOf(viewer())));
    },
  }),
);

builder.mutationField('createBackup', (t) =>
  t.field({
    type: payloadOf('CreateBackupPayload', BackupJobType),
    nullable: true,
    description:
      'BACKUP: creates a job that stores a snapshot of a database. FORBIDDEN without the privilege CREATEJOB.',
    args: { input: t.arg({ type: creationInput(INPUT), required: true, description: 'The backup.' }) },
    resolve: (_, { input }, context) => createJob('BACKUP', input, context),
  }),
);
