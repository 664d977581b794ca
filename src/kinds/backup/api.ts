/** BACKUP in the API: its job, its creation, and the backup at a URL. */
import { badInput } from '../../errors.ts';
import { builder } from '../../graphql/builder.ts';
import { createJob, creationInput, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { AFTER, FIRST, PageInfoType, pageOf } from '../../graphql/pagination.ts';
import { addSchedulable } from '../../graphql/scheduled-jobs.ts';
import { reachOf, requireReadDatabases } from '../../jobs/access.ts';
import { detailsReader } from '../../jobs/declare.ts';
import type { Job } from '../../jobs/job.ts';
import type { BackupSummary } from './describe.ts';
import { DETAILS } from './details.ts';
import { INPUT } from './input.ts';
import type { BackupPage, BackupQuery, Place } from './list.ts';

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

type Edge = BackupPage['backups'][number];
const BackupEdgeType = builder.objectRef<Edge>('BackupEdge').implement({
  description: 'A backup in a list.',
  fields: (t) => ({
    cursor: t.string({
      description: 'The position of the backup in this list.',
      resolve: ({ place }) => cursorOf(place),
    }),
    node: t.field({ type: BackupType, description: 'The backup.', resolve: ({ backup }) => backup }),
  }),
});

const BackupConnectionType = builder.objectRef<BackupPage>('BackupConnection').implement({
  description: 'A page of a list of backups, newest first.',
  fields: (t) => ({
    edges: t.field({
      type: [BackupEdgeType],
      description: 'The backups of the page, each with its cursor.',
      resolve: ({ backups }) => backups,
    }),
    nodes: t.field({
      type: [BackupType],
      description: 'The backups of the page.',
      resolve: ({ backups }) => backups.map(({ backup }) => backup),
    }),
    pageInfo: t.field({
      type: PageInfoType,
      description: 'What lies before and after the page.',
      resolve: ({ backups, hasNextPage, hasPreviousPage }) => {
        const [first] = backups;
        const last = backups.at(-1);
        return {
          hasNextPage: async () => hasNextPage,
          hasPreviousPage: async () => hasPreviousPage,
          startCursor: first === undefined ? null : cursorOf(first.place),
          endCursor: last === undefined ? null : cursorOf(last.place),
        };
      },
    }),
  }),
});

const cursorOf = ({ createdAt, name }: Place) => Buffer.from(`backups:${createdAt}:${name}`).toString('base64url');
const placeOf = (cursor: string): Place => {
  const [, createdAt, name] = /^backups:(\d{1,15}):(.*)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (createdAt !== undefined && name !== undefined) return { createdAt: Number(createdAt), name };
  throw badInput('after', `after ${JSON.stringify(cursor.slice(0, 200))} is not a cursor of this list`);
};

builder.queryField('backups', (t) =>
  t.field({
    type: BackupConnectionType,
    nullable: true,
    extensions: { cost: 2_000 },
    description:
      'Complete backups below a location, newest first: a folder of nodelocal:, or a prefix of a bucket. Backups in progress ' +
      'and manifests of other programs are left out; a damaged backup has `complete` false. BAD_USER_INPUT for a location ' +
      'of http: or https:, which cannot be listed, and for one that holds more than 5,000 files and folders, not counting ' +
      'the chunks of backups. Otherwise as `backup`.',
    args: {
      url: t.arg.string({ required: true, description: 'The URL of the location: nodelocal:, s3:, azure: or gs:.' }),
      first: t.arg.int({ required: true, defaultValue: 50, description: FIRST }),
      after: t.arg.string({ description: AFTER }),
    },
    resolve: (_, { url, first, after }, { runner, environmentOf, viewer }) => {
      requireReadDatabases(viewer());
      const { limit } = pageOf({ first }, false);
      const query: BackupQuery = { url, limit, after: after == null ? null : placeOf(after) };
      return runner.ask<BackupPage>('BACKUP', 'list', query, environmentOf(null, reachOf(viewer())));
    },
  }),
);

const CreationInput = creationInput(INPUT);

const ScheduledBackupInput = builder.inputType('ScheduledBackupInput', {
  description: 'A backup that a schedule creates. With `keep`, older ones are removed once a new one is complete.',
  fields: (t) => ({
    backup: t.field({
      type: CreationInput,
      required: true,
      description: 'The backup. Its destination has a placeholder, since each run creates a backup of its own.',
    }),
    fullEvery: t.int({
      required: true,
      defaultValue: 1,
      description: 'Every nth is full, the others are incremental on the last one that succeeded. 1: all are full.',
    }),
  }),
});

addSchedulable('backup', {
  type: ScheduledBackupInput,
  description: 'A backup.',
  read: (given, path) => ({
    typeName: 'BACKUP',
    input: given.backup as Readonly<Record<string, unknown>>,
    priority: 0,
    fullEvery: Number(given.fullEvery),
    typeField: path,
    field: `${path}.backup`,
  }),
});

builder.mutationField('createBackup', (t) =>
  t.field({
    type: payloadOf('CreateBackupPayload', BackupJobType),
    nullable: true,
    description:
      'BACKUP: creates a job that stores a snapshot of a database. FORBIDDEN without the privilege CREATEJOB.',
    args: { input: t.arg({ type: CreationInput, required: true, description: 'The backup.' }) },
    resolve: (_, { input }, context) => createJob('BACKUP', input, context),
  }),
);
