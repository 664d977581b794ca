/**
 * Kinds of people's own: `defineKind` makes a kind from a zod schema of its input and a generator of checkpoints. Such a kind
 * takes the same path as a built-in one: claims, the fence, permissions, bulk control and the event log.
 */
import { z } from 'zod';
import { badInput, cutText } from '../errors.ts';
import { parseInput } from './declare.ts';
import { type Json, requireJson } from './json.ts';
import { type DatabasePlace, type Io, type Kind, PauseAsked, type Step, type Work } from './kind.ts';
import { KIND_NAME } from './remote.ts';
import { withoutSecrets } from './secret-fields.ts';

/** A claimed job, as the generators of its kind receive it. */
export interface DefinedWork<I, C> {
  readonly jobId: string;
  /** The input, parsed by the schema, with its secrets. */
  readonly input: I;
  /** The last checkpoint that was saved; null before the first one. */
  readonly checkpoint: C | null;
  /** Grows with each claim. Where an outdated worker must not write, keep it in the target and compare. */
  readonly epoch: number;
}

/** What the generators of a kind may use. */
export interface DefinedIo {
  /** Aborted when the job has to stop. Pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** Writes a line to the log of the server, with the id of the job. */
  log(message: string): void;
  /** The number of this attempt since the last progress or RESUME, from 1. */
  readonly attempt: number;
  /** The registered database that the input names in a field `database`; null if it has no such field. */
  readonly database: DatabasePlace | null;
}

export interface KindDefinition<I extends z.ZodObject, C extends Json> {
  /** Upper case, such as REINDEX. It is the type name of the jobs, and gives the mutation its name: `createReindex`. */
  readonly name: string;
  /** For people, in lists of kinds. */
  readonly description?: string;
  /**
   * The input of a job. A field with `meta({ secret: true })` holds a text that is sealed, shown as `redacted`, and deleted when
   * the job ends. A field `database` names a registered database that the creator may use.
   */
  readonly input: I;
  /** Parses stored checkpoints. Optional: it gives `checkpoint` a narrower type. */
  readonly checkpoint?: z.ZodType<C>;
  /** The description of a job: one line, without secrets. The name of the kind if omitted. */
  readonly describe?: (input: z.output<I>) => string;
  /** True if omitted. */
  readonly pausable?: boolean;
  /** True if omitted. */
  readonly cancelable?: boolean;
  /** The job runs until it is canceled: it has no fraction, and takes no slot of the jobs that end. */
  readonly continuous?: boolean;
  /** Jobs of the kind with the same key run one after the other, in the order of their creation. */
  readonly exclusive?: (input: z.output<I>) => string;
  /** A whole number, 1 if omitted. It is kept with each checkpoint. Increase it when checkpoints change their form. */
  readonly version?: number;
  /** Converts a checkpoint of an older version. Without it, a job with an older checkpoint is paused. */
  readonly migrate?: (checkpoint: Json, from: number) => C;
  /**
   * Does the work. Each `yield` is a checkpoint: everything before it is durable, and the job may stop there. The work after
   * the last saved checkpoint may be repeated. What the generator returns is the result of the job.
   * @throws Transient to be tried again, PauseAsked to be paused; any other error fails the job, and it is reverted
   */
  run(work: DefinedWork<z.output<I>, C>, io: DefinedIo): AsyncGenerator<Step<C>, unknown, void>;
  /**
   * Undoes the work after a cancel or a failure: a generator of checkpoints, or an async function if it is short. It may be
   * stopped anywhere and is repeated until it succeeds.
   */
  revert?(work: DefinedWork<z.output<I>, C>, io: DefinedIo): AsyncGenerator<Step<C>, void, void> | Promise<void>;
}

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
  const { name, input: schema, version = 1, describe, exclusive, description } = definition;
  if (!KIND_NAME.test(name)) {
    throw new Error(`the name of a kind must be upper-case letters, digits and _, at most 63: ${JSON.stringify(name)}`);
  }
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new Error(`version of kind ${name} must be a whole number from 1: ${version}`);
  }
  const secretFields = secretFieldsOf(schema, name);
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
    create: async (given, environment) => {
      const input: Record<string, unknown> = parseInput(schema, given);
      const { database = null } = input;
      if (database !== null && (typeof database !== 'string' || environment.database === null)) {
        throw badInput('input.database', `database ${JSON.stringify(database)} does not exist`);
      }
      const parsed = input as z.output<I>;
      const key = exclusive?.(parsed);
      const [shown, secrets] = withoutSecrets(given, secretFields);
      return {
        details: { input: shown },
        input: shown,
        description: cutText(describe?.(parsed) ?? name),
        database,
        ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
        ...(key === undefined ? {} : { exclusiveKey: key }),
      };
    },
    run: (work, io) => versioned(definition.run(definedWork(work), definedIo(io, work.attempt)), version, name),
    revert: async function* (work, io) {
      if (definition.revert === undefined) return;
      const reverting = definition.revert(definedWork(work), definedIo(io, work.attempt));
      if ('next' in reverting) yield* versioned(reverting, version, name);
      else await reverting;
    },
  };
  return kind as Kind;
};

/** Adds the version to each checkpoint. */
async function* versioned<C extends Json, R>(
  steps: AsyncGenerator<Step<C>, R, void>,
  version: number,
  name: string,
): AsyncGenerator<Step<Versioned>, R, void> {
  try {
    for (;;) {
      const next = await steps.next();
      if (next.done) return next.value;
      const { checkpoint, ...step } = next.value;
      requireJson(checkpoint, `the checkpoint of ${name}`, MAX_CHECKPOINT_BYTES);
      yield { ...step, checkpoint: { version, checkpoint } };
    }
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
