/** IMPORT in the API: its job, its rejects and its creation. */

import { unavailable } from '../../errors.ts';
import { builder } from '../../graphql/builder.ts';
import type { Context } from '../../graphql/context.ts';
import { ColumnInput, createJob, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface, PageInfoType } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { connectionOf, decodePlace, encodePlace, pageOf } from '../../graphql/pagination.ts';
import type { Job } from '../../jobs/job.ts';
import type { PageOf } from '../../store/store.ts';
import type { Reject, RejectPage } from './reject.ts';

const LIST = 'reject';

const ImportRejectType = builder.objectRef<Reject>('ImportReject').implement({
  fields: (t) => ({
    source: t.exposeString('source'),
    line: t.expose('line', { type: 'Count' }),
    column: t.exposeString('column', { nullable: true, description: 'Null when the whole row is wrong.' }),
    reason: t.exposeString('reason'),
    text: t.exposeString('text', { description: 'The row as it stood, cut at 1,024 characters.' }),
  }),
});

const ImportRejectEdgeType = builder.objectRef<{ cursor: string; node: Reject }>('ImportRejectEdge').implement({
  fields: (t) => ({ cursor: t.exposeString('cursor'), node: t.expose('node', { type: ImportRejectType }) }),
});

const ImportRejectConnectionType = builder
  .objectRef<ReturnType<typeof connectionOf<Reject>>>('ImportRejectConnection')
  .implement({
    fields: (t) => ({
      edges: t.field({ type: [ImportRejectEdgeType], resolve: ({ edges }) => edges }),
      nodes: t.field({ type: [ImportRejectType], resolve: ({ nodes }) => nodes }),
      pageInfo: t.expose('pageInfo', { type: PageInfoType }),
    }),
  });

interface ImportDetails {
  readonly database: string;
  readonly table: string;
  readonly sources: readonly { readonly url: string }[];
}

const importDetails = (job: Job) => job.details as ImportDetails;

const ImportJobType = builder.objectRef<Job>('ImportJob').implement({
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'IMPORT',
  fields: (t) => ({
    database: t.string({ resolve: (job) => importDetails(job).database }),
    table: t.string({ resolve: (job) => importDetails(job).table }),
    sources: t.stringList({
      description: 'Redacted.',
      resolve: (job) => importDetails(job).sources.map(({ url }) => url),
    }),
    rowsImported: t.field({ type: 'Count', resolve: (job) => counterOf(job, 'rows') }),
    rowsRejected: t.field({ type: 'Count', resolve: (job) => counterOf(job, 'rejected') }),
    bytesRead: t.field({ type: 'Count', resolve: (job) => counterOf(job, 'bytes') }),
    rejects: t.field({
      type: ImportRejectConnectionType,
      nullable: true,
      description: 'The rows set aside, in order.',
      args: { first: t.arg.int(), after: t.arg.string(), last: t.arg.int(), before: t.arg.string() },
      resolve: async (job, { first, after, last, before }, context) => {
        const cursors = { after: decodePlace(LIST, after, 'after'), before: decodePlace(LIST, before, 'before') };
        const page = pageOf({ first, last, ...cursors }, false);
        const { nodes, more } = await readRejects(context, job, page);
        const isAny = async (bound: PageOf) => (await readRejects(context, job, bound)).more;
        return connectionOf(nodes, more, page, ({ id }) => encodePlace(LIST, [id]), isAny);
      },
    }),
  }),
});

/** A page of the rows that an import set aside. @throws unavailable when its database cannot be read now */
const readRejects = async ({ store, threads, databases }: Context, { id, database: name }: Job, page: PageOf) => {
  const database = (await store.databases()).find((known) => known.name === name);
  if (database === undefined) throw unavailable(`database ${name} is not known any more`);
  const asked: RejectPage = { direction: page.direction, ...boundsOf(page), limit: page.limit };
  const found = await threads.ask<readonly Reject[]>('rejects', databases.fileOf(database), database.name, id, asked);
  return { nodes: found.slice(0, page.limit), more: found.length > page.limit };
};

const boundsOf = ({ direction, after, before, inclusive }: PageOf) => {
  const step = direction === 'ascending' ? 1 : -1;
  const start = direction === 'ascending' ? 0 : Number.MAX_SAFE_INTEGER;
  return {
    from: after === null ? start : after[0] + (inclusive === true ? 0 : step),
    to: before === null ? undefined : before[0] - step,
  };
};

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
    nullable: true,
    args: { input: t.arg({ type: CreateImportInput, required: true }) },
    resolve: (_, { input }, context) => createJob('IMPORT', input, context),
  }),
);
