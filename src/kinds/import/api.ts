/** IMPORT in the API: its job, its rejected rows and its creation. */
import { show } from '../../databases/show.ts';
import { badInput, forbidden, unavailable } from '../../errors.ts';
import { builder } from '../../graphql/builder.ts';
import type { Context } from '../../graphql/context.ts';
import { createJob, creationInput, payloadOf } from '../../graphql/create.ts';
import { enumTypeOf, inputTypeOf } from '../../graphql/inputs.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import {
  AFTER,
  BEFORE,
  connectionOf,
  decodeCursor,
  encodeCursor,
  FIRST,
  LAST,
  PageInfoType,
  pageOf,
} from '../../graphql/pagination.ts';
import { addSchedulableKind } from '../../graphql/scheduled-jobs.ts';
import { mayReadRows, mayUseDatabase, reachOf, requireReadDatabases, SERVER_REACH } from '../../jobs/access.ts';
import { detailsReader } from '../../jobs/declare.ts';
import type { Job } from '../../jobs/job.ts';
import type { PageOf } from '../../store/store.ts';
import { DETAILS } from './details.ts';
import { DOWNLOADS } from './download.ts';
import { COMPRESSION, FORMAT, INPUT } from './input.ts';
import { placesOf, type Reject, type RejectPage } from './port.ts';
import { PREVIEW_INPUT, type Preview } from './preview-input.ts';

const LIST = 'reject';

/** A rejected row, and whether the viewer may read its text. */
type ReadableReject = Reject & { readonly isReadable: boolean };

const ImportRejectType = builder.objectRef<ReadableReject>('ImportReject').implement({
  description: 'A row that an import set aside because it could not be stored.',
  fields: (t) => ({
    source: t.exposeString('source', { description: 'The URL of the source, with secrets redacted.' }),
    line: t.expose('line', { type: 'Count', description: 'The line in the source on which the row begins, from 1.' }),
    lastLine: t.expose('lastLine', { type: 'Count', description: 'The line on which the row ends.' }),
    column: t.exposeString('column', {
      nullable: true,
      description: 'The column whose value is invalid. Null if the whole row is.',
    }),
    reason: t.exposeString('reason', { description: 'Why the row was rejected, for people.' }),
    text: t.string({
      description:
        'The row as it appears in the source, truncated to 1,024 characters. FORBIDDEN unless the viewer created the ' +
        'job, and the database is still granted, or is an admin.',
      resolve: ({ text, isReadable }, _, { viewer }) => {
        if (isReadable) return text;
        throw forbidden(`user ${viewer().name} may not read rejected rows: the creator of the job and admins may`);
      },
    }),
  }),
});

const ImportRejectEdgeType = builder.objectRef<{ cursor: string; node: ReadableReject }>('ImportRejectEdge').implement({
  description: 'A rejected row in a list.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'The position of the row in this list.' }),
    node: t.expose('node', { type: ImportRejectType, description: 'The rejected row.' }),
  }),
});

const ImportRejectConnectionType = builder
  .objectRef<ReturnType<typeof connectionOf<ReadableReject>>>('ImportRejectConnection')
  .implement({
    description: 'A page of the rejected rows of an import.',
    fields: (t) => ({
      edges: t.field({
        type: [ImportRejectEdgeType],
        description: 'The rejected rows of the page, each with its cursor.',
        resolve: ({ edges }) => edges,
      }),
      nodes: t.field({
        type: [ImportRejectType],
        description: 'The rejected rows of the page.',
        resolve: ({ nodes }) => nodes,
      }),
      pageInfo: t.expose('pageInfo', { type: PageInfoType, description: 'What lies before and after the page.' }),
    }),
  });

const detailsOf = detailsReader(DETAILS);

const ImportJobType = builder.objectRef<Job>('ImportJob').implement({
  description: 'A job that reads rows from files into a table.',
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'IMPORT',
  fields: (t) => ({
    database: t.string({
      description: 'The name of the target database.',
      resolve: (job) => detailsOf(job).database,
    }),
    table: t.string({ description: 'The name of the target table.', resolve: (job) => detailsOf(job).table }),
    sources: t.stringList({
      description: 'The URLs of the sources in the order in which they are read, with secrets redacted.',
      resolve: (job) => detailsOf(job).sources.map(({ url }) => url),
    }),
    rowsImported: t.field({
      type: 'Count',
      description:
        'The rows that were inserted so far and conflicted with no other. Each row of the sources that was read is counted ' +
        'once, here or in one of rowsSkipped, rowsReplaced, rowsUpdated and rowsRejected.',
      resolve: (job) => counterOf(job, 'rows'),
    }),
    rowsSkipped: t.field({
      type: 'Count',
      description: 'With onConflict SKIP: the rows of the sources that were skipped so far.',
      resolve: (job) => counterOf(job, 'skipped'),
    }),
    rowsReplaced: t.field({
      type: 'Count',
      description: 'With onConflict REPLACE: the rows of the sources that took the place of others so far.',
      resolve: (job) => counterOf(job, 'replaced'),
    }),
    rowsUpdated: t.field({
      type: 'Count',
      description: 'With onConflict UPDATE: the rows of the sources that updated another row so far.',
      resolve: (job) => counterOf(job, 'updated'),
    }),
    rowsRejected: t.field({
      type: 'Count',
      description: 'The bad rows that were set aside so far.',
      resolve: (job) => counterOf(job, 'rejected'),
    }),
    bytesRead: t.field({
      type: 'Count',
      description: 'The bytes of the sources, as stored, that were read so far.',
      resolve: (job) => counterOf(job, 'bytes'),
    }),
    rejectsUrl: t.string({
      nullable: true,
      description:
        'Downloads the rejected rows in full, to be corrected and imported again: in the text of the source, with its ' +
        'header; those of Excel as CSV, those of Parquet as NDJSON. A path of this server unless PUBLIC_URL is set. The ' +
        'request needs the same credentials as an operation. Null without rejected rows, and for those who may not read ' +
        'them.',
      resolve: (job, _, { viewer, publicUrl }) =>
        counterOf(job, 'rejected') > 0 && mayReadRows(viewer(), job) ? `${publicUrl ?? ''}${DOWNLOADS}${job.id}` : null,
    }),
    rejects: t.field({
      type: ImportRejectConnectionType,
      nullable: true,
      extensions: { cost: 200 },
      description:
        'The bad rows that were set aside, in the order in which they were read. 100 unless `first` or `last` is given. ' +
        'UNAVAILABLE if they cannot be read now: until the job has ended, they are in the target database.',
      args: {
        first: t.arg.int({ description: FIRST }),
        after: t.arg.string({ description: AFTER }),
        last: t.arg.int({ description: LAST }),
        before: t.arg.string({ description: BEFORE }),
      },
      resolve: async (job, { first, after, last, before }, context) => {
        const cursors = { after: decodeCursor(LIST, after, 'after'), before: decodeCursor(LIST, before, 'before') };
        const page = pageOf({ first, last, ...cursors }, false);
        const { nodes, more } = await readRejects(context, job, page);
        const isAny = async (bound: PageOf) => (await readRejects(context, job, bound)).more;
        return connectionOf(nodes, more, page, ({ id }) => encodeCursor(LIST, [id]), isAny);
      },
    }),
  }),
});

/** Returns a page of the rows that an import rejected. @throws unavailable when they cannot be read now */
const readRejects = async ({ store, runner, environmentOf, viewer }: Context, job: Job, page: PageOf) => {
  const { id, database: name } = job;
  const isReadable = mayReadRows(viewer(), job);
  const database = (await store.databases()).find((known) => known.name === name);
  if (database === undefined) throw unavailable(`database ${name} is no longer registered`);
  const query: RejectPage = { direction: page.direction, ...boundsOf(page), limit: page.limit };
  const found = await runner.ask<readonly Reject[]>(
    'IMPORT',
    'rejects',
    placesOf(environmentOf(database, SERVER_REACH)),
    database.name,
    id,
    query,
  );
  const nodes: readonly ReadableReject[] = found.slice(0, page.limit).map((reject) => ({ ...reject, isReadable }));
  return { nodes, more: found.length > page.limit };
};

const boundsOf = ({ direction, after, before, inclusive }: PageOf) => {
  const step = direction === 'ascending' ? 1 : -1;
  const start = direction === 'ascending' ? 0 : Number.MAX_SAFE_INTEGER;
  return {
    from: after === null ? start : after[0] + (inclusive === true ? 0 : step),
    to: before === null ? undefined : before[0] - step,
  };
};

const CreationInput = creationInput(INPUT);
addSchedulableKind('import', 'IMPORT', CreationInput, 'An import.');

builder.mutationField('createImport', (t) =>
  t.field({
    type: payloadOf('CreateImportPayload', ImportJobType),
    nullable: true,
    description:
      'IMPORT: creates a job that reads rows from files into a table. FORBIDDEN without the privilege CREATEJOB. CONFLICT ' +
      'if another job is creating the same table.',
    args: { input: t.arg({ type: CreationInput, required: true, description: 'The import.' }) },
    resolve: (_, { input }, context) => createJob('IMPORT', input, context),
  }),
);

const PreviewColumnType = builder.objectRef<Preview['columns'][number]>('PreviewColumn').implement({
  description: 'A column that a preview fills.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name.' }),
    type: t.exposeString('type', { description: 'The type, as it would be declared.' }),
    nullable: t.exposeBoolean('nullable', { description: 'Whether the column may hold NULL.' }),
  }),
});

const ImportPreviewType = builder.objectRef<Preview>('ImportPreview').implement({
  description: 'What an import would do with a source. Its values can be passed on to createImport.',
  fields: (t) => ({
    format: t.field({ type: enumTypeOf(FORMAT), description: 'The format.', resolve: ({ format }) => format }),
    compression: t.field({
      type: enumTypeOf(COMPRESSION),
      description: 'How the source is compressed. Never AUTO.',
      resolve: ({ compression }) => compression,
    }),
    encoding: t.exposeString('encoding', { description: 'The encoding of its text.' }),
    delimiter: t.exposeString('delimiter', { nullable: true, description: 'The text between fields. CSV only.' }),
    quote: t.exposeString('quote', { nullable: true, description: 'The character around fields. CSV only.' }),
    escape: t.exposeString('escape', {
      nullable: true,
      description: 'The character that makes the next one literal. CSV only.',
    }),
    comment: t.exposeString('comment', {
      nullable: true,
      description: 'The character with which lines begin that are skipped. CSV only.',
    }),
    header: t.exposeBoolean('header', {
      nullable: true,
      description: 'Whether the first line names the fields. CSV and XLSX only.',
    }),
    skip: t.exposeInt('skip', {
      nullable: true,
      description: 'The number of lines before the rows. CSV and XLSX only.',
    }),
    sheets: t.stringList({
      nullable: true,
      description: 'The names of the sheets that can be read. XLSX only.',
      resolve: ({ sheets }) => (sheets === null ? null : [...sheets]),
    }),
    fieldNames: t.exposeStringList('fieldNames', { description: 'The names of the fields, or the keys.' }),
    columns: t.field({
      type: [PreviewColumnType],
      description: 'The columns: those of the input, those of the table, or those inferred from the sample.',
      resolve: ({ columns }) => [...columns],
    }),
    rows: t.field({
      type: t.listRef(t.listRef('JSON', { nullable: true })),
      description: 'The first rows as they would be stored: bytes as `\\x` and hexadecimal digits.',
      resolve: ({ rows }) => rows.map((row) => [...row]),
    }),
    problems: t.field({
      type: [ImportRejectType],
      description: 'The rows of the sample, of up to 1,000 rows, that would be rejected.',
      resolve: ({ problems }) => problems.map((problem) => ({ ...problem, isReadable: true })),
    }),
  }),
});

builder.queryField('importPreview', (t) =>
  t.field({
    type: ImportPreviewType,
    nullable: true,
    extensions: { cost: 500 },
    description:
      'Shows how a source would be imported, and writes nothing. FORBIDDEN without the privilege CREATEJOB. ' +
      'BAD_USER_INPUT names the field that is invalid; UNAVAILABLE if the source cannot be read now.',
    args: { input: t.arg({ type: inputTypeOf(PREVIEW_INPUT), required: true, description: 'The source.' }) },
    resolve: async (_, { input }, { runner, store, environmentOf, viewer }) => {
      requireReadDatabases(viewer());
      const name = (input as { readonly database?: string | null }).database ?? null;
      const found = (await store.databases()).find((database) => database.name === name);
      const database = found !== undefined && mayUseDatabase(viewer(), found.name) ? found : null;
      if (name !== null && database === null) throw badInput('input.database', `database ${show(name)} does not exist`);
      return runner.ask<Preview>('IMPORT', 'preview', input, environmentOf(database, reachOf(viewer())));
    },
  }),
);
