/** The mutation that creates the same job again. */
import { rerun } from '../engine/rerun.ts';
import { builder } from './builder.ts';
import { type Created, createdJob, creatorOf, payloadOf } from './create.ts';
import { JobInterface } from './job.ts';
import { jobIdOf } from './pagination.ts';

const RerunJobInput = builder.inputType('RerunJobInput', {
  description: 'A job to run again.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The id of the job.' }),
    secrets: t.field({
      type: 'JSON',
      description:
        'The secrets that the first job had, by input path: they are not kept. An object such as ' +
        '`{"sources.0": "s3://bucket/a.csv?AWS_SECRET_ACCESS_KEY=…"}`, each with the whole value at its path. A missing ' +
        'one is BAD_USER_INPUT naming its path.',
    }),
    idempotencyKey: t.string({
      description:
        'A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer ' +
        'returns the same job, as long as that job is kept. With another input it is IDEMPOTENCY_CONFLICT.',
    }),
  }),
});

export const CreateJobPayload = payloadOf('CreateJobPayload', JobInterface);
builder.objectField(CreateJobPayload, 'webhookSecret', (t) =>
  t.string({
    nullable: true,
    description:
      'The key that signs the messages of a changefeed to a webhook, which every changefeed has of its own. It is ' +
      'returned only once: null for other jobs, and if the job existed already.',
    resolve: ({ returnedOnce }: Created) => returnedOnce.webhookSecret ?? null,
  }),
);

builder.mutationField('rerunJob', (t) =>
  t.field({
    type: CreateJobPayload,
    nullable: true,
    description:
      "Creates the same job again, under the viewer's name and with what the viewer may use. The first job may have any " +
      'status, and stays as it is. FORBIDDEN without the privilege CREATEJOB; NOT_FOUND; BAD_USER_INPUT if a secret is ' +
      'missing, if the input of the job was not kept, or if it is no longer valid; IDEMPOTENCY_CONFLICT; CONFLICT.',
    args: { input: t.arg({ type: RerunJobInput, required: true, description: 'The job to run again.' }) },
    resolve: async (_, { input }, context) => {
      const request = {
        id: jobIdOf(input.id, 'input.id'),
        secrets: input.secrets,
        idempotencyKey: input.idempotencyKey ?? null,
      };
      return createdJob(await rerun(context, request, creatorOf(context), context.access()), context);
    },
  }),
);
