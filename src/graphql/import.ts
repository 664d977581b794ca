import type { Job } from '../jobs/job.ts';
import type { Reject } from '../jobs/reject.ts';
import type { PageOf } from '../store/store.ts';
import { connectionOf, decodePlace, encodePlace, pageOf } from './arguments.ts';
import { builder } from './builder.ts';
import { counterOf, JobInterface, PageInfoType } from './job.ts';
import { NodeInterface } from './node.ts';

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

export const ImportJobType = builder.objectRef<Job>('ImportJob').implement({
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
      description: 'The rows set aside, in order.',
      args: { first: t.arg.int({ required: true, defaultValue: 100 }), after: t.arg.string() },
      resolve: async (job, { first, after }, { rejects }) => {
        const page = pageOf({ first, after: decodePlace(LIST, after, 'after') }, false);
        const { nodes, more } = await rejects.read(job, page);
        const isAny = async (bound: PageOf) => (await rejects.read(job, bound)).more;
        return connectionOf(nodes, more, page, ({ id }) => encodePlace(LIST, [id]), isAny);
      },
    }),
  }),
});
