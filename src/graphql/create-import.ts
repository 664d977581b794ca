import { builder } from './builder.ts';
import { ColumnInput, createJob, payloadOf } from './create.ts';
import { ImportJobType } from './import.ts';

const ImportFormatEnum = builder.enumType('ImportFormat', { values: ['CSV', 'NDJSON'] as const });
const CompressionEnum = builder.enumType('Compression', {
  values: ['AUTO', 'NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2'] as const,
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

builder.mutationField('createImport', (t) =>
  t.field({
    type: payloadOf('CreateImportPayload', ImportJobType),
    args: { input: t.arg({ type: CreateImportInput, required: true }) },
    resolve: (_, { input }, context) => createJob('IMPORT', input, context),
  }),
);
