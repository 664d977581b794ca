import type { Create } from '../engine/create.ts';
import type { Job } from '../jobs/job.ts';
import { BackupJobType, RestoreJobType } from './backup.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { ImportJobType } from './import.ts';

const ImportFormatEnum = builder.enumType('ImportFormat', { values: ['CSV', 'NDJSON'] as const });
const CompressionEnum = builder.enumType('Compression', {
  values: ['AUTO', 'NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2'] as const,
});

const ColumnInput = builder.inputType('ColumnInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    type: t.string({
      required: true,
      description: 'A type of the target database: INTEGER, TEXT, REAL, BLOB, NUMERIC in SQLite.',
    }),
    nullable: t.boolean({ defaultValue: true }),
    primaryKey: t.boolean({ defaultValue: false }),
    default: t.string({ description: 'An SQL literal.' }),
  }),
});

const CsvOptions = builder.inputType('CsvOptions', {
  description: 'How CSV is read. TSV is CSV with delimiter "\\t".',
  fields: (t) => ({
    delimiter: t.string({ defaultValue: ',' }),
    quote: t.string({ defaultValue: '"' }),
    comment: t.string({ description: 'Lines that begin with this character are skipped.' }),
    nullif: t.string({
      description: "Text that stands for NULL. By default an empty unquoted field is NULL, a quoted one is ''.",
    }),
    skip: t.int({ defaultValue: 0, description: 'Lines to skip in each source.' }),
    header: t.boolean({ defaultValue: true, description: 'The first line after `skip` names the columns.' }),
  }),
});

const CreateImportInput = builder.inputType('CreateImportInput', {
  fields: (t) => ({
    database: t.string({ required: true }),
    table: t.string({ required: true }),
    columns: t.field({
      type: [ColumnInput],
      description: 'Creates the table. Without it the table must exist. Names are literal, never split at a dot.',
    }),
    into: t.stringList({
      description: 'The columns that the fields of a row fill, in order, when no header names them.',
    }),
    sources: t.stringList({
      required: true,
      description: 'nodelocal:, s3:, azure:, gs:, http:, https:; in order.',
    }),
    format: t.field({ type: ImportFormatEnum, required: true, defaultValue: 'CSV' }),
    csv: t.field({ type: CsvOptions }),
    decompress: t.field({ type: CompressionEnum, required: true, defaultValue: 'AUTO' }),
    rejectLimit: t.int({
      required: true,
      defaultValue: 0,
      description: 'Bad rows that are set aside, with file, line and reason, before the job fails.',
    }),
    maxRowsPerSecond: t.int({ description: 'Spares a database that is in use.' }),
    idempotencyKey: t.string({
      description:
        'The same key of the same viewer for the same mutation gives the same job, as long as that job is kept; with ' +
        'another input it is IDEMPOTENCY_CONFLICT.',
    }),
  }),
});

interface Created {
  readonly job: Job;
  readonly created: boolean;
}

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

interface Created {
  readonly job: Job;
  readonly created: boolean;
}

const payloadOf = (name: string, type: typeof ImportJobType) =>
  builder.objectRef<Created>(name).implement({
    fields: (t) => ({
      job: t.expose('job', { type }),
      created: t.exposeBoolean('created', {
        description: 'False when the idempotency key found a job that was there.',
      }),
    }),
  });

/** Makes a job of a type, and gives it. */
const made = async (typeName: string, input: Parameters<Create>[1], context: Context): Promise<Created> => {
  const { create, viewer, access, store } = context;
  const { id, created } = await create(typeName, input, viewer());
  const job = await store.job(id, access());
  if (job === null) throw new Error(`job ${id} was created and is not there`);
  return { job, created };
};

builder.mutationFields((t) => ({
  createImport: t.field({
    type: payloadOf('CreateImportPayload', ImportJobType),
    args: { input: t.arg({ type: CreateImportInput, required: true }) },
    resolve: (_, { input }, context) => made('IMPORT', input, context),
  }),
  createBackup: t.field({
    type: payloadOf('CreateBackupPayload', BackupJobType),
    args: { input: t.arg({ type: CreateBackupInput, required: true }) },
    resolve: (_, { input }, context) => made('BACKUP', input, context),
  }),
  createRestore: t.field({
    type: payloadOf('CreateRestorePayload', RestoreJobType),
    args: { input: t.arg({ type: CreateRestoreInput, required: true }) },
    resolve: (_, { input }, context) => made('RESTORE', input, context),
  }),
}));
