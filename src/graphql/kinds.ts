/** The kinds of jobs that the server knows, and the mutation that creates a job of any of them. */
import { z } from 'zod';
import type { Timing } from '../engine/create.ts';
import { badInput } from '../errors.ts';
import type { Kind } from '../jobs/kind.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { createdJob, creatorOf } from './create.ts';
import { JobTypeEnum } from './job.ts';
import { CreateJobPayload } from './rerun.ts';
import { addSchedulable } from './scheduled-jobs.ts';

/** The input of a kind as JSON Schema, draft 2020-12. What it cannot express is left open. */
export const inputSchemaOf = ({
  input,
  inputSchema = {},
}: Pick<Kind, 'input' | 'inputSchema'>): Readonly<Record<string, unknown>> =>
  input === undefined
    ? inputSchema
    : z.toJSONSchema(input, { io: 'input', unrepresentable: 'any', override: withoutBounds });

/** Every JSON number is within these. */
const withoutBounds = ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
};

const JobKindType = builder.objectRef<Kind>('JobKind').implement({
  description: 'A kind of job that the server knows.',
  fields: (t) => ({
    name: t.exposeString('typeName', { description: 'IMPORT, or the name of a custom kind.' }),
    type: t.expose('type', { type: JobTypeEnum, description: 'The type of its jobs. CUSTOM for a custom kind.' }),
    description: t.string({
      nullable: true,
      description: 'What its jobs do, for people. Null if its author gave no description.',
      resolve: ({ description }) => description ?? null,
    }),
    pausable: t.exposeBoolean('pausable', { description: 'Whether its jobs can be paused.' }),
    cancelable: t.exposeBoolean('cancelable', { description: 'Whether its jobs can be canceled.' }),
    inputSchema: t.field({
      type: 'JSON',
      description: 'The JSON Schema of the input that `createJob` takes for this kind.',
      resolve: inputSchemaOf,
    }),
  }),
});

builder.queryField('jobKinds', (t) =>
  t.field({
    type: [JobKindType],
    extensions: { cost: 50 },
    description:
      'The kinds of jobs that this server knows: the built-in ones, those that were added, and those that workers in ' +
      'other programs have registered.',
    resolve: async (_, __, { registry, remoteKinds }) => {
      await remoteKinds.refresh();
      return [...registry.all()];
    },
  }),
);

const CreateJobInput = builder.inputType('CreateJobInput', {
  description: 'A job of any kind to create.',
  fields: (t) => ({
    typeName: t.string({ required: true, description: 'A name that `jobKinds` lists, such as IMPORT.' }),
    input: t.field({
      type: 'JSON',
      required: true,
      description: 'An object that fits the `inputSchema` of the kind.',
    }),
    runAt: t.field({ type: 'DateTime', description: 'The job is not started before this time. Now if omitted.' }),
    priority: t.int({
      required: true,
      defaultValue: 0,
      description:
        'From -100 to 100. Among the jobs that wait, those with a higher priority are started first. 0 stands for the ' +
        'priority of the kind, which is 0 unless its author chose another.',
    }),
    idempotencyKey: t.string({
      description:
        'A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer for ' +
        'the same type returns the same job, as long as that job is kept. With a different input it is ' +
        'IDEMPOTENCY_CONFLICT.',
    }),
  }),
});

builder.mutationField('createJob', (t) =>
  t.field({
    type: CreateJobPayload,
    nullable: true,
    description:
      'Creates a job of any kind that `jobKinds` lists, custom kinds included. FORBIDDEN without the privilege CREATEJOB; ' +
      'BAD_USER_INPUT naming the field; IDEMPOTENCY_CONFLICT; CONFLICT.',
    args: { input: t.arg({ type: CreateJobInput, required: true, description: 'The job.' }) },
    resolve: async (_, { input }, context) => {
      // Workers may have registered the kind, or replaced it, at another server.
      if (!context.registry.isOwn(input.typeName)) await context.remoteKinds.refresh();
      const kind = kindNamed(input.typeName, context);
      const given = { ...objectOf(input.input), idempotencyKey: input.idempotencyKey };
      return createdJob(
        await context.create(kind.typeName, given, creatorOf(context), { timing: readTiming(input) }),
        context,
      );
    },
  }),
);

addSchedulable('job', {
  type: CreateJobInput,
  description: 'A job of any kind that `jobKinds` lists, custom kinds included, that comes to an end.',
  read: ({ typeName, input, runAt = null, priority, idempotencyKey = null }, path) => {
    const unfit = Object.entries({ runAt, idempotencyKey }).find(([, value]) => value !== null)?.[0];
    if (unfit !== undefined)
      throw badInput(`${path}.${unfit}`, `${path}.${unfit} cannot be given: each run creates a job`);
    return {
      typeName: String(typeName),
      input: objectOf(input, `${path}.input`),
      priority: readTiming({ priority }, path).priority,
      fullEvery: typeName === 'BACKUP' ? 1 : null,
      typeField: `${path}.typeName`,
      field: `${path}.input`,
    };
  },
});

/** @throws BAD_USER_INPUT for a priority out of range */
export const readTiming = (
  { runAt, priority }: { readonly runAt?: unknown; readonly priority?: unknown },
  path = 'input',
): Timing => {
  const number = Number(priority ?? 0);
  if (number < -100 || number > 100) {
    throw badInput(`${path}.priority`, `${path}.priority ${number} must be from -100 to 100`);
  }
  return { runAt: runAt == null ? null : Number(runAt), priority: number };
};

const kindNamed = (name: string, { registry }: Pick<Context, 'registry'>): Kind => {
  const kind = registry.find(name);
  if (kind !== undefined) return kind;
  const known = registry
    .all()
    .map(({ typeName }) => typeName)
    .join(', ');
  throw badInput('input.typeName', `input.typeName ${JSON.stringify(name)} is no kind of this server: it has ${known}`);
};

const objectOf = (input: unknown, path = 'input.input'): Readonly<Record<string, unknown>> => {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { ...input };
  throw badInput(path, `${path} ${JSON.stringify(input)} must be an object`);
};
