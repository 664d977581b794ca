import { builder } from '../../graphql/builder.ts';
import { createJob, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { jobIdOf } from '../../graphql/pagination.ts';
import { streamOf } from '../../graphql/stream.ts';
import type { Job } from '../../jobs/job.ts';
import type { FeedRow } from './feed-page.ts';
import { createChangefeeds } from './listen.ts';

interface FeedDetails {
  readonly database: string;
  readonly tables: readonly string[];
  readonly sink: string | null;
}

const detailsOf = (job: Job) => job.details as FeedDetails;
const counter = (job: Job, name: string) => job.counters.find((counted) => counted.name === name)?.value ?? null;

const ChangefeedJobType = builder.objectRef<Job>('ChangefeedJob').implement({
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'CHANGEFEED',
  fields: (t) => ({
    database: t.string({ resolve: (job) => detailsOf(job).database }),
    tables: t.stringList({ resolve: (job) => [...detailsOf(job).tables] }),
    sink: t.string({
      nullable: true,
      description: 'Secrets redacted. Null: without a sink, read by the changefeed subscription.',
      resolve: (job) => detailsOf(job).sink,
    }),
    highWater: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Everything up to here has been delivered. Null before the initial scan is.',
      resolve: (job) => counter(job, 'highWater'),
    }),
    messagesEmitted: t.field({
      type: 'Count',
      description: 'Those that were taken: answered, written, or acknowledged.',
      resolve: (job) => counterOf(job, 'messages'),
    }),
  }),
});

const ChangefeedEnvelopeEnum = builder.enumType('ChangefeedEnvelope', {
  values: {
    WRAPPED: { description: 'The key, the row as it is now, and what else was asked for.' },
    BARE: { description: 'The row as it is now, with the rest in a field `_signalbox`.' },
    KEY_ONLY: { description: 'The key alone.' },
  } as const,
});
const ErrorPolicyEnum = builder.enumType('ErrorPolicy', { values: ['FAIL', 'PAUSE'] as const });
const InitialScanEnum = builder.enumType('InitialScan', {
  values: {
    YES: { description: 'First the rows that are there, then what changes.' },
    NO: { description: 'What changes from now on.' },
    ONLY: { description: 'The rows that are there: it ends with them.' },
  } as const,
});

const CreateChangefeedInput = builder.inputType('CreateChangefeedInput', {
  fields: (t) => ({
    database: t.string({ required: true }),
    tables: t.stringList({ required: true, description: 'Tables with a primary key. Names are literal.' }),
    sink: t.string({ description: 'webhook-http(s):, nodelocal:, s3:, azure:, gs:. Left out: sinkless.' }),
    envelope: t.field({ type: ChangefeedEnvelopeEnum, required: true, defaultValue: 'WRAPPED' }),
    diff: t.boolean({
      required: true,
      defaultValue: false,
      description: 'The row as it was before the change (WRAPPED).',
    }),
    updated: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Adds the time of the change to each message.',
    }),
    resolvedEveryMs: t.int({ description: 'At most this often, a message that nothing older is still to come.' }),
    initialScan: t.field({ type: InitialScanEnum, required: true, defaultValue: 'YES' }),
    onError: t.field({ type: ErrorPolicyEnum, required: true, defaultValue: 'FAIL' }),
    idempotencyKey: t.string(),
  }),
});

const CreateChangefeedPayload = payloadOf('CreateChangefeedPayload', ChangefeedJobType);
builder.objectField(CreateChangefeedPayload, 'webhookSecret', (t) =>
  t.string({
    nullable: true,
    description: "With which the webhook's messages are signed. Shown this once.",
    resolve: ({ returnedOnce }) => returnedOnce.webhookSecret ?? null,
  }),
);

builder.mutationField('createChangefeed', (t) =>
  t.field({
    type: CreateChangefeedPayload,
    nullable: true,
    args: { input: t.arg({ type: CreateChangefeedInput, required: true }) },
    resolve: (_, { input }, context) => createJob('CHANGEFEED', input, context),
  }),
);

const ChangefeedRowType = builder.objectRef<FeedRow>('ChangefeedRow').implement({
  description:
    'A change of a row, as a sink receives it. Integers beyond 2^53 are strings, blobs base64, both said in ' +
    'docs/changefeed-format.md.',
  fields: (t) => ({
    cursor: t.field({ type: 'ChangefeedCursor', resolve: ({ seq }) => seq }),
    table: t.exposeString('table'),
    key: t.field({ type: 'JSON', resolve: ({ key }) => key }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Null when `deleted`, and with envelope KEY_ONLY.',
      resolve: ({ after }) => after,
    }),
    before: t.field({ type: 'JSON', nullable: true, resolve: ({ before }) => before }),
    deleted: t.exposeBoolean('deleted'),
    updated: t.expose('updated', { type: 'DateTime', nullable: true }),
  }),
});

const ChangefeedResolvedType = builder
  .objectRef<{ readonly seq: number; readonly resolved: number }>('ChangefeedResolved')
  .implement({
    description: 'Nothing older is still to come.',
    fields: (t) => ({
      cursor: t.field({ type: 'ChangefeedCursor', resolve: ({ seq }) => seq }),
      resolved: t.expose('resolved', { type: 'DateTime' }),
    }),
  });

const ChangefeedMessageUnion = builder.unionType('ChangefeedMessage', {
  types: [ChangefeedRowType, ChangefeedResolvedType],
  resolveType: (message) => ('key' in message ? 'ChangefeedRow' : 'ChangefeedResolved'),
});

builder.subscriptionField('changefeed', (t) =>
  t.field({
    type: ChangefeedMessageUnion,
    description:
      "A sinkless changefeed's messages, at least once. `after` acknowledges all up to it: highWater moves, and what " +
      'lies before may go. One reader at a time: a newer one ends the older. Silent while paused; completes with the job.',
    args: { jobId: t.arg.id({ required: true }), after: t.arg({ type: 'ChangefeedCursor' }) },
    subscribe: (_, { jobId, after }, { serviceOf, viewer, access }) =>
      streamOf((signal) =>
        serviceOf(createChangefeeds).listen(jobIdOf(jobId, 'jobId'), after ?? null, { viewer, access }, signal),
      ),
    resolve: (message) => message,
  }),
);
