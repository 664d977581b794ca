/** CHANGEFEED in the API: its job, its creation and its messages. */
import { builder } from '../../graphql/builder.ts';
import { createJob, creationInput, payloadOf } from '../../graphql/create.ts';
import { counterOf, JobInterface } from '../../graphql/job.ts';
import { NodeInterface } from '../../graphql/node.ts';
import { jobIdOf } from '../../graphql/pagination.ts';
import { streamOf } from '../../graphql/subscriptions.ts';
import { detailsReader } from '../../jobs/declare.ts';
import type { Job } from '../../jobs/job.ts';
import { DETAILS } from './details.ts';
import { INPUT } from './input.ts';
import { createChangefeeds } from './listen.ts';
import type { FeedRow } from './message.ts';

const detailsOf = detailsReader(DETAILS);
const counter = (job: Job, name: string) => job.counters.find((counted) => counted.name === name)?.value ?? null;

const ChangefeedJobType = builder.objectRef<Job>('ChangefeedJob').implement({
  description:
    'A job that sends every change of some tables, in commit order and at least once. Unless only the existing rows were ' +
    'requested, it runs until it is canceled.',
  interfaces: [JobInterface, NodeInterface],
  isTypeOf: (job) => (job as Partial<Job>).type === 'CHANGEFEED',
  fields: (t) => ({
    database: t.string({ description: 'The name of the database.', resolve: (job) => detailsOf(job).database }),
    tables: t.stringList({
      description: 'The tables that are watched.',
      resolve: (job) => [...detailsOf(job).tables],
    }),
    sink: t.string({
      nullable: true,
      description:
        'The URL that receives the messages, with secrets redacted. Null if they are read through `changefeed`.',
      resolve: (job) => detailsOf(job).sink,
    }),
    highWater: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Every change up to this time has been delivered. Null until the initial scan has been delivered.',
      resolve: (job) => counter(job, 'highWater'),
    }),
    messagesEmitted: t.field({
      type: 'Count',
      description:
        'The messages that were delivered: accepted by a webhook, written to files, or acknowledged by a reader.',
      resolve: (job) => counterOf(job, 'messages'),
    }),
  }),
});

const CreateChangefeedPayload = payloadOf('CreateChangefeedPayload', ChangefeedJobType);
builder.objectField(CreateChangefeedPayload, 'webhookSecret', (t) =>
  t.string({
    nullable: true,
    description:
      'The key that signs the messages of a webhook, by the Standard Webhooks specification. It is returned only once: ' +
      'null without a webhook, and if the job existed already.',
    resolve: ({ returnedOnce }) => returnedOnce.webhookSecret ?? null,
  }),
);

builder.mutationField('createChangefeed', (t) =>
  t.field({
    type: CreateChangefeedPayload,
    nullable: true,
    description:
      'CREATE CHANGEFEED: creates a job that sends every change of some tables. FORBIDDEN without the privilege CREATEJOB.',
    args: { input: t.arg({ type: creationInput(INPUT), required: true, description: 'The changefeed.' }) },
    resolve: (_, { input }, context) => createJob('CHANGEFEED', input, context),
  }),
);

const ChangeOperationEnum = builder.enumType('ChangeOperation', {
  description: 'How a row was changed.',
  values: {
    INSERT: { description: 'A new row, or one that existed when the changefeed began.' },
    UPDATE: { description: 'A row that existed has other values, or is sent again.' },
    DELETE: { description: 'The row does not exist any more.' },
  },
});

const ChangefeedRowType = builder.objectRef<FeedRow>('ChangefeedRow').implement({
  description:
    'A change of a row, as a sink receives it. Integers beyond 2^53 are strings and blobs are base64: ' +
    'docs/changefeed-format.md.',
  fields: (t) => ({
    cursor: t.field({
      type: 'ChangefeedCursor',
      description: 'The position of the message in this changefeed.',
      resolve: ({ seq }) => seq,
    }),
    table: t.exposeString('table', { description: 'The name of the table.' }),
    key: t.field({
      type: 'JSON',
      description: 'The values of the primary key, an array in the order of the key.',
      resolve: ({ key }) => key,
    }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The row as it is now, an object by column. Null if `deleted` is true, and with envelope KEY_ONLY.',
      resolve: ({ after }) => after,
    }),
    before: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The row as it was before the change. Null without `diff`, and for a new row.',
      resolve: ({ before }) => before,
    }),
    deleted: t.exposeBoolean('deleted', { description: 'Whether the row was deleted.' }),
    updated: t.expose('updated', {
      type: 'DateTime',
      nullable: true,
      description: 'When the row was changed. Null without `updated` in the input.',
    }),
    unchanged: t.stringList({
      nullable: true,
      description: 'Columns whose unchanged value the database did not send. PostgreSQL only.',
      resolve: () => null,
    }),
    operation: t.field({
      type: ChangeOperationEnum,
      nullable: true,
      description: 'How the row was changed. Null without `operations` in the input.',
      resolve: ({ operation }) => operation,
    }),
    transaction: t.exposeString('transaction', {
      nullable: true,
      description: 'The same for all changes of one transaction. Null without `operations` in the input.',
    }),
  }),
});

const ChangefeedResolvedType = builder
  .objectRef<{ readonly seq: number; readonly resolved: number }>('ChangefeedResolved')
  .implement({
    description: 'No change from before this time will follow.',
    fields: (t) => ({
      cursor: t.field({
        type: 'ChangefeedCursor',
        description: 'The position of the message in this changefeed.',
        resolve: ({ seq }) => seq,
      }),
      resolved: t.expose('resolved', { type: 'DateTime', description: 'All changes before this time have been sent.' }),
    }),
  });

const ChangefeedMessageUnion = builder.unionType('ChangefeedMessage', {
  description: 'A message of a changefeed. Clients must expect new types.',
  types: [ChangefeedRowType, ChangefeedResolvedType],
  resolveType: (message) => ('key' in message ? 'ChangefeedRow' : 'ChangefeedResolved'),
});

builder.subscriptionField('changefeed', (t) =>
  t.field({
    type: ChangefeedMessageUnion,
    description:
      'The messages of a changefeed without a sink, at least once. Only one reader at a time: a new reader ends the ' +
      'stream of the previous one. The stream is silent while the job is paused and completes with the job. NOT_FOUND; ' +
      'FORBIDDEN unless the viewer created the job or is an admin; BAD_USER_INPUT if the job has a sink; CURSOR_EXPIRED ' +
      'if messages after the cursor have been removed.',
    args: {
      jobId: t.arg.id({ required: true, description: 'The id of the changefeed.' }),
      after: t.arg({
        type: 'ChangefeedCursor',
        description:
          'The cursor of the last message that was processed. It acknowledges every message up to it: `highWater` ' +
          'advances, and those messages may be removed. If omitted, the stream starts with the oldest message kept.',
      }),
    },
    subscribe: (_, { jobId, after }, { serviceOf, viewer, access }) =>
      streamOf((signal) =>
        serviceOf(createChangefeeds).listen(jobIdOf(jobId, 'jobId'), after ?? null, { viewer, access }, signal),
      ),
    resolve: (message) => message,
  }),
);
