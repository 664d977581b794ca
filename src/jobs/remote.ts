/**
 * Kinds whose generators run in another program. The server validates their inputs by JSON Schema, keeps their jobs, and
 * never executes them itself.
 */
import { z } from 'zod';
import { badInput, messageOf } from '../errors.ts';
import { databaseIn, parseInput } from './declare.ts';
import type { Kind } from './kind.ts';
import { SERVER_OPTIONS } from './kind-options.ts';
import { REDACTED, withoutSecrets } from './secret-fields.ts';
import { checkTemplate, textsFor } from './template.ts';

export const KIND_NAME = /^[A-Z][A-Z0-9_]{0,62}$/;
const MAX_SCHEMA_BYTES = 65_536;

const TEMPLATE = z.string().min(1).max(1_024);

/** What a worker registers about a kind. */
export const REMOTE_DEFINITION = z.strictObject({
  description: z.string().max(1_024).optional(),
  /** JSON Schema, draft 2020-12, of an object. A text property with `"secret": true` is sealed and shown redacted. */
  inputSchema: z.looseObject({ type: z.literal('object') }),
  pausable: z.boolean().default(true),
  cancelable: z.boolean().default(true),
  continuous: z.boolean().default(false),
  /** Templates such as `REINDEX {index}`. */
  describe: TEMPLATE.optional(),
  exclusive: TEMPLATE.optional(),
  concurrencyKey: TEMPLATE.optional(),
  ...SERVER_OPTIONS,
});
export type RemoteDefinition = z.output<typeof REMOTE_DEFINITION>;

interface Details {
  readonly input: unknown;
}

/** @throws BAD_USER_INPUT naming the field, below `field`, for a schema that the server cannot apply */
export const remoteKind = (name: string, definition: RemoteDefinition, field: string): Kind => {
  const { inputSchema, description, pausable, cancelable, continuous, priority, privileges, concurrency } = definition;
  const { describe, exclusive, concurrencyKey } = definition;
  const texts = { describe, exclusive, concurrencyKey };
  const schema = compile(inputSchema, `${field}.inputSchema`);
  const secretFields = secretFieldsOf(inputSchema, `${field}.inputSchema`);
  const fields = Object.keys(inputSchema.properties ?? {});
  for (const [what, text] of Object.entries(texts)) {
    try {
      checkTemplate(what, text, fields, secretFields);
    } catch (error) {
      throw badInput(`${field}.${what}`, `${field}.${messageOf(error)}`);
    }
  }
  if ((concurrencyKey === undefined) !== (concurrency?.perKey === undefined)) {
    throw badInput(
      `${field}.concurrencyKey`,
      `${field} must have both concurrencyKey and concurrency.perKey, or neither`,
    );
  }
  const elsewhere = () => {
    throw new Error(`jobs of ${name} run in workers of other programs`);
  };
  const kind: Kind<Record<string, unknown>, Details> = {
    type: 'CUSTOM',
    typeName: name,
    ...(description === undefined ? {} : { description }),
    inputSchema,
    pausable,
    cancelable,
    continuous,
    ...{ priority, privileges, concurrency, texts },
    redact: (given) => withoutSecrets(given, secretFields)[0],
    create: async (given, environment) => {
      // The defaults of the schema are for texts only: the worker applies its own.
      const input = { ...given, ...(parseInput(schema, given) as object) };
      const [shown, secrets] = withoutSecrets(given, secretFields);
      return {
        details: { input: shown },
        input: shown,
        database: databaseIn(given, environment),
        ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
        ...textsFor(texts, input, name),
      };
    },
    run: elsewhere,
    revert: elsewhere,
  };
  return kind as Kind;
};

const compile = (schema: Readonly<Record<string, unknown>>, field: string): z.ZodType => {
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > MAX_SCHEMA_BYTES) throw badInput(field, `${field} has ${bytes} bytes: at most ${MAX_SCHEMA_BYTES}`);
  try {
    return z.fromJSONSchema(schema);
  } catch (error) {
    throw badInput(field, `${field} cannot be applied: ${messageOf(error)}`);
  }
};

/** @throws BAD_USER_INPUT for a secret within a property, which would be shown */
const secretFieldsOf = (schema: Readonly<Record<string, unknown>>, field: string): readonly string[] => {
  const properties = Object.entries(
    (schema.properties ?? {}) as Readonly<Record<string, { readonly secret?: unknown }>>,
  );
  const secret = properties.filter(([, property]) => property.secret === true).map(([name]) => name);
  if (JSON.stringify(schema).split('"secret":true').length - 1 === secret.length) return secret;
  throw badInput(field, `${field} has a secret inside a property: only a property of the input itself can be one`);
};

/** The input with its secrets in their places. */
export const withSecrets = (details: unknown, secrets: Readonly<Record<string, string>> = {}): unknown => {
  const { input } = details as Details;
  const kept = Object.entries(secrets).filter(([name]) => (input as Record<string, unknown>)[name] === REDACTED);
  return { ...(input as object), ...Object.fromEntries(kept) };
};
