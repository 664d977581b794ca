import type { ShownBackup } from '../jobs/backup.ts';
import type { Job } from '../jobs/job.ts';
import { builder } from './builder.ts';
import { counterOf, JobInterface } from './job.ts';
import { NodeInterface } from './node.ts';

interface BackupDetails {
  readonly database: string;
  readonly tables: readonly string[];
  readonly destination: string;
}

const backupDetails = (job: Job) => job.details as BackupDetails;

export const BackupJobType = builder.objectRef<Job>('BackupJob').implement({
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'BACKUP',
  fields: (t) => ({
    database: t.string({ resolve: (job) => backupDetails(job).database }),
    tables: t.stringList({ resolve: (job) => [...backupDetails(job).tables] }),
    destination: t.string({ description: 'Redacted.', resolve: (job) => backupDetails(job).destination }),
    bytesWritten: t.field({ type: 'Count', resolve: (job) => counterOf(job, 'bytes') }),
  }),
});

interface RestoreDetails {
  readonly source: string;
  readonly database: string;
  readonly tables: readonly string[];
}

const restoreDetails = (job: Job) => job.details as RestoreDetails;

export const RestoreJobType = builder.objectRef<Job>('RestoreJob').implement({
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'RESTORE',
  fields: (t) => ({
    source: t.string({ description: 'Redacted.', resolve: (job) => restoreDetails(job).source }),
    database: t.string({ resolve: (job) => restoreDetails(job).database }),
    tables: t.stringList({ resolve: (job) => [...restoreDetails(job).tables] }),
    rowsRestored: t.field({ type: 'Count', resolve: (job) => counterOf(job, 'rows') }),
  }),
});

const BackupTableType = builder.objectRef<ShownBackup['tables'][number]>('BackupTable').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    rows: t.expose('rows', { type: 'Count', nullable: true }),
  }),
});

const BackupType = builder.objectRef<ShownBackup>('Backup').implement({
  description: 'SHOW BACKUP',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Redacted.' }),
    database: t.exposeString('database'),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'The moment of the picture; of a backup that is being written, when that was begun.',
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
    resolve: (_, { url }, { backups, viewer }) => backups.read(url, viewer()),
  }),
);
