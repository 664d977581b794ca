/**
 * The types and the mutation of each custom kind: `ReindexJob`, `ReindexInput` and `createReindex` for a kind REINDEX.
 * They are built from the JSON Schema of its input. What GraphQL cannot express, such as unions and records, is JSON.
 */
import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { Job } from '../jobs/job.ts';
import type { Kind } from '../jobs/kind.ts';
import type { Context } from './context.ts';
import { createdJob, creatorOf } from './create.ts';
import { RESULT, resultOf } from './job.ts';
import { readTiming } from './kinds.ts';
import { createTypes, pascalCase } from './schema-types.ts';

type Field = GraphQLFieldConfig<unknown, Context>;
type Types = ReturnType<typeof createTypes>;

/** @throws Error if a kind needs a name that is taken */
export const withKinds = (schema: GraphQLSchema, kinds: readonly Kind[]): GraphQLSchema => {
  const declared = kinds.filter(({ type, input }) => type === 'CUSTOM' && input !== undefined);
  if (declared.length === 0) return schema;
  const config = schema.toConfig();
  const mutation = schema.getMutationType()?.toConfig();
  if (mutation == null) throw new Error('the schema has no mutations');
  const types = config.types.filter(({ name }) => name !== mutation.name);
  const fields: Record<string, Field> = { ...mutation.fields };
  for (const kind of declared) {
    const ownTypes = createTypes(schema, kind);
    const job = jobTypeOf(kind, schema, ownTypes);
    const field = `create${pascalCase(kind.typeName)}`;
    for (const name of [job.name, inputNameOf(kind), payloadNameOf(kind)])
      requireFree(schema, kind, `type ${name}`, name);
    if (fields[field] !== undefined) throw taken(kind, `mutation ${field}`);
    fields[field] = mutationOf(kind, job, schema, ownTypes);
    types.push(job);
  }
  return new GraphQLSchema({ ...config, types, mutation: new GraphQLObjectType({ ...mutation, fields }) });
};

const taken = ({ typeName }: Kind, what: string) =>
  new Error(`kind ${typeName} cannot be added: the API already has the ${what}. Give the kind another name`);

const requireFree = (schema: GraphQLSchema, kind: Kind, what: string, name: string) => {
  if (schema.getType(name) !== undefined) throw taken(kind, what);
};

const inputNameOf = ({ typeName }: Kind) => `${pascalCase(typeName)}Input`;
const payloadNameOf = ({ typeName }: Kind) => `Create${pascalCase(typeName)}Payload`;

const jobTypeOf = (kind: Kind, schema: GraphQLSchema, types: Types): GraphQLObjectType => {
  const generic = schema.getType('CustomJob');
  if (!isObjectType(generic)) throw new Error('the schema has no CustomJob');
  const { fields, interfaces } = generic.toConfig();
  const { typeName, description } = kind;
  return new GraphQLObjectType<Job, Context>({
    name: `${pascalCase(typeName)}Job`,
    description: description ?? `A job of the kind ${typeName}.`,
    interfaces: interfaces.filter(isInterfaceType),
    isTypeOf: (job) => job.type === 'CUSTOM' && job.typeName === typeName,
    fields: {
      ...fields,
      input: {
        type: types.output,
        description: 'The input of the creation, with secrets redacted.',
        resolve: ({ inputJson }) => inputJson,
      },
      result: { type: types.result, description: RESULT, resolve: resultOf },
    },
  });
};

const mutationOf = (kind: Kind, job: GraphQLObjectType, schema: GraphQLSchema, types: Types): Field => {
  const { typeName } = kind;
  const input = new GraphQLInputObjectType({
    name: inputNameOf(kind),
    description: `The input of a job of the kind ${typeName}.`,
    fields: { ...timingFields(schema), ...types.input },
  });
  const payload = new GraphQLObjectType({
    name: payloadNameOf(kind),
    description: 'The result of a creation.',
    fields: {
      job: { type: new GraphQLNonNull(job), description: 'The job.' },
      created: {
        type: new GraphQLNonNull(GraphQLBoolean),
        description: 'Whether this request created the job. false if the idempotency key matched an existing job.',
      },
    },
  });
  return {
    type: payload,
    description:
      `Creates a job of the kind ${typeName}. FORBIDDEN without the privilege CREATEJOB; BAD_USER_INPUT naming the ` +
      'field; IDEMPOTENCY_CONFLICT; CONFLICT.',
    args: { input: { type: new GraphQLNonNull(input), description: 'The job.' } },
    resolve: async (_, args, context) => {
      const { input: given } = args as { readonly input: Readonly<Record<string, unknown>> };
      const declared = types.input;
      const own = Object.entries(given).filter(([name]) => declared[name] !== undefined);
      const timing = readTiming({
        runAt: declared.runAt === undefined ? given.runAt : null,
        priority: declared.priority === undefined ? given.priority : 0,
      });
      const key = declared.idempotencyKey === undefined ? { idempotencyKey: given.idempotencyKey } : {};
      const created = await context.create(typeName, { ...Object.fromEntries(own), ...key }, creatorOf(context), {
        timing,
      });
      return createdJob(created, context);
    },
  };
};

/** The fields of every creation, as `createJob` has them. */
const timingFields = (schema: GraphQLSchema): Record<string, GraphQLInputFieldConfig> => {
  const general = schema.getType('CreateJobInput');
  if (!(general instanceof GraphQLInputObjectType)) throw new Error('the schema has no CreateJobInput');
  const { runAt, priority, idempotencyKey } = general.toConfig().fields;
  return Object.fromEntries(
    Object.entries({ runAt, priority, idempotencyKey }).flatMap(([name, field]) =>
      field === undefined ? [] : [[name, field] as const],
    ),
  );
};
