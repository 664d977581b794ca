/** The parts that all job creations share. */
import type { z } from 'zod';
import type { Create, Creator } from '../engine/create.ts';
import type { Job } from '../jobs/job.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { inputTypeOf } from './inputs.ts';
import type { JobInterface } from './job.ts';

export interface Created {
  readonly job: Job;
  readonly created: boolean;
  /** Returned to the creator in this answer only. */
  readonly returnedOnce: Readonly<Record<string, string>>;
}

/** The argument of a creation: the input that the kind declares, and an idempotency key. */
export const creationInput = (schema: z.ZodType) =>
  inputTypeOf(schema, (t) => ({
    idempotencyKey: t.string({
      description:
        'A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer for ' +
        'the same mutation returns the same job, as long as that job is kept. With a different input it is ' +
        'IDEMPOTENCY_CONFLICT.',
    }),
  }));

/** Creates a job, or returns the one that its idempotency key created. */
export const createJob = async (typeName: string, input: Parameters<Create>[1], context: Context): Promise<Created> =>
  createdJob(await context.create(typeName, input, creatorOf(context)), context);

/** The viewer, as the creator of a job. */
export const creatorOf = ({ viewer, identity, operation }: Context): Creator => ({
  viewer: viewer(),
  tokenId: identity.tokenId,
  signal: () => operation.signal,
});

/** The payload of a creation: its job as it is now. */
export const createdJob = async (
  { id, created, returnedOnce }: Awaited<ReturnType<Create>>,
  { store, access }: Pick<Context, 'store' | 'access'>,
): Promise<Created> => {
  const job = await store.job(id, access());
  if (job === null) throw new Error(`job ${id} was created and is not there`);
  return { job, created, returnedOnce };
};

type JobRef = ReturnType<ReturnType<typeof builder.objectRef<Job>>['implement']> | typeof JobInterface;

/** The payload of a creation: `type` is the type of its job. */
export const payloadOf = (name: string, type: JobRef) => {
  const payload = builder.objectRef<Created>(name);
  return payload.implement({
    description: 'The result of a creation.',
    fields: (t) => ({
      job: t.expose('job', { type, description: 'The job.' }),
      created: t.exposeBoolean('created', {
        description: 'Whether this request created the job. false if the idempotency key matched an existing job.',
      }),
    }),
  });
};
