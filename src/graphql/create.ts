/** What all creations of jobs have in common. */
import type { Create } from '../engine/create.ts';
import type { Job } from '../jobs/job.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';

export const ColumnInput = builder.inputType('ColumnInput', {
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

export interface Created {
  readonly job: Job;
  readonly created: boolean;
  /** What is told to the creator this once. */
  readonly returnedOnce: Readonly<Record<string, string>>;
}

/** Makes a job, or finds the one that its idempotency key made. */
export const createJob = async (
  typeName: string,
  input: Parameters<Create>[1],
  { create, viewer, access, store }: Context,
): Promise<Created> => {
  const { id, created, returnedOnce } = await create(typeName, input, viewer());
  const job = await store.job(id, access());
  if (job === null) throw new Error(`job ${id} was created and is not there`);
  return { job, created, returnedOnce };
};

type JobRef = ReturnType<ReturnType<typeof builder.objectRef<Job>>['implement']>;

/** The payload of a creation: `type` is that of its job. */
export const payloadOf = (name: string, type: JobRef) => {
  const payload = builder.objectRef<Created>(name);
  return payload.implement({
    fields: (t) => ({
      job: t.expose('job', { type }),
      created: t.exposeBoolean('created', {
        description: 'False when the idempotency key found a job that was there.',
      }),
    }),
  });
};
