/**
 * The zod schemas with which a kind declares its data, and the boundary where that data is parsed: the input when a job
 * is created, and stored details when a job is read or run. Inside the boundary everything is typed and nothing is
 * cast.
 */
import type { z } from 'zod';
import { badInput, cutText } from '../errors.ts';
import type { Job } from './job.ts';
import type { Environment, Kind, Work } from './kind.ts';

/** @throws BAD_USER_INPUT naming the first field that is invalid */
export const parseInput = <S extends z.ZodType>(schema: S, input: unknown): z.output<S> => {
  const parsed = schema.safeParse(input, { error: describeIssue });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badInput(['input', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'input is invalid');
};

/**
 * The registered database that the input of a custom kind names in a field `database`; null without one.
 * @throws BAD_USER_INPUT for one that does not exist, or may not be used
 */
export const databaseIn = (
  { database = null }: Readonly<Record<string, unknown>>,
  environment: Pick<Environment, 'database'>,
): string | null => {
  if (database === null || (typeof database === 'string' && environment.database !== null)) return database;
  throw badInput('input.database', `database ${JSON.stringify(database)} does not exist`);
};

/** The message for checks that have none of their own. */
const describeIssue = (issue: z.core.$ZodRawIssue): string | undefined => {
  const field = ['input', ...(issue.path ?? [])].join('.');
  if (issue.input === undefined) return `${field} is missing`;
  const value = cutText(JSON.stringify(issue.input) ?? String(issue.input), 100);
  if (issue.code === 'invalid_type') return `${field} ${value} must be of type ${issue.expected}`;
  if (issue.code === 'invalid_value') return `${field} ${value} must be one of ${issue.values.join(', ')}`;
  return undefined;
};

/** Reads the details of stored jobs. Each job is parsed once, however many of its fields are requested. */
export const detailsReader = <D>(schema: z.ZodType<D>) => {
  const known = new WeakMap<Job, D>();
  return (job: Job): D => {
    const details = known.get(job) ?? parseDetails(schema, job.details, job.id);
    known.set(job, details);
    return details;
  };
};

/** Wraps a kind so that it always receives its stored details parsed. */
export const withStoredDetails = <I, D, C>(schema: z.ZodType<D>, kind: Kind<I, D, C>): Kind<I, D, C> => {
  const { create, acquireFence, run, revert, cleanUp } = kind;
  const parsed = <W extends Pick<Work<D, C>, 'details' | 'claim'>>(work: W): W => ({
    ...work,
    details: parseDetails(schema, work.details, work.claim.jobId),
  });
  return {
    ...kind,
    create: async (input, environment) => {
      const creation = await create(input, environment);
      requireDeclared(schema, creation.details, kind.typeName);
      return creation;
    },
    run: (work, io) => run(parsed(work), io),
    revert: (work, io) => revert(parsed(work), io),
    ...(acquireFence && { acquireFence: (work, io, task) => acquireFence(parsed(work), io, task) }),
    ...(cleanUp && { cleanUp: (work, environment, when) => cleanUp(parsed(work), environment, when) }),
  };
};

/** A field that the schema does not declare would be lost when the job runs, so it is an error in the kind. */
const requireDeclared = <D>(schema: z.ZodType<D>, details: D, typeName: string): void => {
  const stored = JSON.stringify(details);
  const parsed = JSON.stringify(schema.parse(JSON.parse(stored)));
  if (parsed.length === stored.length) return;
  throw new Error(`the details of ${typeName} are not those that it declares: ${cutText(stored, 200)}`);
};

const parseDetails = <D>(schema: z.ZodType<D>, stored: unknown, jobId: string): D => {
  const parsed = schema.safeParse(stored);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`the stored details of job ${jobId} are invalid: ${issue?.path.join('.')}: ${issue?.message}`);
};
