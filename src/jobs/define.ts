/**
 * Kinds of people's own: `defineKind` makes a kind from a zod schema of its input and a generator of checkpoints. Such a kind
 * takes the same path as a built-in one: claims, the fence, permissions, bulk control and the event log.
 */
import { z } from 'zod';
import { cutText } from '../errors.ts';
import { databaseIn, parseInput } from './declare.ts';
import type { DefinedIo, KindDefinition } from './definition.ts';
import { type Json, requireJson } from './json.ts';
import { type Io, type Kind, PauseAsked, type Step, type Work } from './kind.ts';
import { checkOptions, type KindOptions } from './kind-options.ts';
import { KIND_NAME } from './remote.ts';
import { withoutSecrets } from './secret-fields.ts';
import { checkTemplate, type KindTexts, textsFor } from './template.ts';

interface Details {
  readonly input: unknown;
}

/** A checkpoint with the version of the kind that wrote it. */
interface Versioned {
  readonly version: number;
  readonly checkpoint: Json;
}

const MAX_CHECKPOINT_BYTES = 1_048_576;

/** @throws Error that names the part of the definition that is wrong */
export const defineKind = <I extends z.ZodObject, C extends Json = Json>(definition: KindDefinition<I, C>): Kind => {
  const { name, input: schema, version = 1, description, result } = definition;
  if (!KIND_NAME.test(name)) {
    throw new Error(`the name of a kind must be upper-case letters, digits and _, at most 63: ${JSON.stringify(name)}`);
  }
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new Error(`version of kind ${name} must be a whole number from 1: ${version}`);
  }
  const secretFields = secretFieldsOf(schema, name);
  const options = optionsOf(definition);
  checkOptions(name, options);
  const texts = textsOf(definition, secretFields);
  const definedWork = ({ details, secrets = {}, checkpoint, claim }: Work<Details, Versioned>) => ({
    jobId: claim.jobId,
    input: readInput(schema, details.input, secrets, name),
    checkpoint: checkpoint === null ? null : readCheckpoint(definition, version, checkpoint),
    epoch: claim.epoch,
  });
  const definedIo = ({ signal, log, environment }: Io, attempt = 1): DefinedIo => ({
    signal,
    log: (message) => log?.(cutText(String(message))),
    attempt,
    database: environment.database,
  });
  const kind: Kind<Record<string, unknown>, Details, Versioned> = {
    type: 'CUSTOM',
    typeName: name,
    ...(description === undefined ? {} : { description }),
    input: schema,
    pausable: definition.pausable ?? true,
    cancelable: definition.cancelable ?? true,
    continuous: definition.continuous === true,
    ...(result === undefined ? {} : { result }),
    ...options,
    texts,
    redact: (given) => withoutSecrets(given, secretFields)[0],
    reverts: definition.revert !== undefined,
    create: async (given, environment) => {
      const input: Record<string, unknown> = parseInput(schema, given);
      const database = databaseIn(input, environment);
      const [shown, secrets] = withoutSecrets(given, secretFields);
      return {
        details: { input: shown },
        input: shown,
        database,
        ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
        ...textsFor(texts, input, name),
      };
    },
    run: (work, io) => versioned(definition.run(definedWork(work), definedIo(io, work.attempt)), version, name),
    revert: async function* (work, io) {
      if (definition.revert === undefined) return;
      const reverting = definition.revert(definedWork(work), definedIo(io, work.attempt));
      if (isGenerator(reverting)) yield* versioned(reverting, version, name);
      else await reverting;
    },
  };
  return kind as Kind;
};

/** A function in JavaScript may return anything. */
const isGenerator = <Y>(made: Promise<void> | AsyncGenerator<Y, void, void>): made is AsyncGenerator<Y, void, void> =>
  Symbol.asyncIterator in Object(made);

const optionsOf = <I extends z.ZodObject, C extends Json>(definition: KindDefinition<I, C>): KindOptions => {
  const { concurrency, retry, progressTimeoutMs, priority, privileges } = definition;
  const { total, perKey } =
    typeof concurrency === 'number' ? { total: concurrency } : { perKey: undefined, ...concurrency };
  return {
    ...(concurrency === undefined ? {} : { concurrency: { total, perKey } }),
    ...(retry === undefined ? {} : { retry }),
    ...(progressTimeoutMs === undefined ? {} : { progressTimeoutMs }),
    ...(priority === undefined ? {} : { priority }),
    ...(privileges === undefined ? {} : { privileges }),
  };
};

/** @throws Error for a template that names no field of the input, and for a limit for each key without a key */
const textsOf = <I extends z.ZodObject, C extends Json>(
  { name, input, describe, exclusive, concurrency }: KindDefinition<I, C>,
  secretFields: readonly string[],
): KindTexts => {
  const { key, perKey } = typeof concurrency === 'object' ? concurrency : {};
  if ((key === undefined) !== (perKey === undefined)) {
    throw new Error(`concurrency of kind ${name} must have both key and perKey, or neither`);
  }
  const texts: KindTexts = { describe, exclusive, concurrencyKey: key };
  for (const [what, text] of Object.entries(texts)) {
    checkTemplate(`${what} of kind ${name}`, text, Object.keys(input.shape), secretFields);
  }
  return texts;
};

/** Adds the version to each checkpoint. */
async function* versioned<C extends Json, R>(
  steps: AsyncGenerator<Step<C>, R, void>,
  version: number,
  name: string,
): AsyncGenerator<Step<Versioned>, R, void> {
  const kept = (checkpoint: Json): Versioned => {
    requireJson(checkpoint, `the checkpoint of ${name}`, MAX_CHECKPOINT_BYTES);
    return { version, checkpoint };
  };
  try {
    for (;;) {
      const next = await steps.next();
      if (next.done) return next.value;
      const { checkpoint, ...step } = next.value;
      yield { ...step, checkpoint: kept(checkpoint) };
    }
  } catch (error) {
    if (!(error instanceof PauseAsked) || error.checkpoint === undefined) throw error;
    throw new PauseAsked(error.message, { checkpoint: kept(error.checkpoint as Json) });
  } finally {
    await steps.return(undefined as R);
  }
}

/** @throws PauseAsked if the version of the checkpoint cannot be read here */
const readCheckpoint = <I extends z.ZodObject, C extends Json>(
  { name, checkpoint: schema, migrate }: KindDefinition<I, C>,
  version: number,
  stored: Versioned,
): C => {
  if (stored.version > version) {
    throw new PauseAsked(
      `the checkpoint is of version ${stored.version} of ${name}; this server has version ${version}`,
    );
  }
  if (stored.version < version && migrate === undefined) {
    throw new PauseAsked(
      `the checkpoint is of version ${stored.version} of ${name}, which cannot be migrated to ${version}`,
    );
  }
  const current = stored.version < version ? migrate?.(stored.checkpoint, stored.version) : stored.checkpoint;
  return schema === undefined ? (current as C) : schema.parse(current);
};

const readInput = <I extends z.ZodObject>(
  schema: I,
  stored: unknown,
  secrets: Readonly<Record<string, string>>,
  name: string,
): z.output<I> => {
  const parsed = schema.safeParse({ ...(stored as object), ...secrets });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PauseAsked(
    `the input of the job does not fit this version of ${name}: ${issue?.path.join('.')}: ${issue?.message}`,
  );
};

/** The fields of an input that are marked as secrets. @throws Error for a secret within a field, which would be shown */
const secretFieldsOf = (schema: z.ZodObject, name: string): readonly string[] => {
  const marked = Object.entries(schema.shape).filter(([, type]) => isSecret(type as z.ZodType));
  const text = JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }));
  if (text.split('"secret":true').length - 1 === marked.length) return marked.map(([field]) => field);
  throw new Error(`the input of kind ${name} has a secret inside a field: only a field of the input itself can be one`);
};

const isSecret = (type: z.ZodType): boolean => {
  if (type.meta()?.secret === true) return true;
  return 'unwrap' in type && typeof type.unwrap === 'function' ? isSecret(type.unwrap()) : false;
};
