/**
 * What a kind asks of the engine besides its work. The author of a kind writes it, and a worker in another program registers
 * what the server has to know of it.
 */
import { z } from 'zod';
import { PRIVILEGES, type Viewer } from '../auth/viewer.ts';
import { forbidden } from '../errors.ts';

/** How many jobs of a kind may run at the same time, on all servers and workers together. */
export interface Concurrency {
  readonly total?: number | undefined;
  /** Of those with the same key. */
  readonly perKey?: number | undefined;
}

/** How a job is tried again after `Transient`. Fields that are omitted are those of the server. */
export interface RetryPolicy {
  /** How many attempts without progress fail the job. */
  readonly attempts?: number | undefined;
  /** The delay after the first failure. It doubles with each further one. */
  readonly firstWaitMs?: number | undefined;
  readonly maxWaitMs?: number | undefined;
}

const MOST_JOBS = 1_000_000;
const LONGEST_MS = 2_147_483_647;

const CONCURRENCY = z.strictObject({
  total: z.int().min(1).max(MOST_JOBS).optional(),
  perKey: z.int().min(1).max(MOST_JOBS).optional(),
});

export const RETRY_POLICY = z.strictObject({
  attempts: z.int().min(1).max(1_000).optional(),
  firstWaitMs: z.int().min(1).max(LONGEST_MS).optional(),
  maxWaitMs: z.int().min(1).max(LONGEST_MS).optional(),
});

/** `ADMIN` stands for admins, who have every privilege. */
export const NEEDED_PRIVILEGES = [...PRIVILEGES, 'ADMIN'] as const;
export type NeededPrivilege = (typeof NEEDED_PRIVILEGES)[number];

/** The options that the server applies, wherever the kind runs. */
export const SERVER_OPTIONS = {
  priority: z.int().min(-100).max(100).optional(),
  privileges: z.array(z.enum(NEEDED_PRIVILEGES)).max(NEEDED_PRIVILEGES.length).optional(),
  concurrency: CONCURRENCY.optional(),
};

/** The options that are applied where the kind runs. */
const RUNNING_OPTIONS = {
  retry: RETRY_POLICY.optional(),
  progressTimeoutMs: z.int().min(1_000).max(LONGEST_MS).optional(),
};

export interface KindOptions {
  readonly concurrency?: Concurrency | undefined;
  readonly retry?: RetryPolicy | undefined;
  readonly progressTimeoutMs?: number | undefined;
  readonly priority?: number | undefined;
  readonly privileges?: readonly NeededPrivilege[] | undefined;
}

/** @throws Error naming the kind and the option */
export const checkOptions = (name: string, options: KindOptions): void => {
  const parsed = z.object({ ...SERVER_OPTIONS, ...RUNNING_OPTIONS }).safeParse(options);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join('.')} of kind ${name} is invalid: ${issue?.message}`);
};

/** @throws FORBIDDEN for a viewer who lacks one of the privileges that the kind demands */
export const requirePrivileges = (
  viewer: Viewer,
  { typeName, privileges = [] }: Pick<KindOptions, 'privileges'> & { readonly typeName: string },
): void => {
  if (viewer.isAdmin) return;
  const missing = privileges.find((needed) => needed === 'ADMIN' || !viewer.privileges.includes(needed));
  if (missing === 'ADMIN') throw forbidden(`user ${viewer.name} is not an admin: only admins create ${typeName} jobs`);
  if (missing === undefined) return;
  throw forbidden(`user ${viewer.name} does not have the privilege ${missing}, which ${typeName} jobs need`);
};

/** The kinds of which only so many jobs run at the same time, as a claim needs them. */
export const limitsOf = (kinds: readonly (Pick<KindOptions, 'concurrency'> & { readonly typeName: string })[]) =>
  kinds.flatMap(({ typeName, concurrency }) => (concurrency === undefined ? [] : [{ typeName, ...concurrency }]));
