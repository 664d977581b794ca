import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { badInput, SignalboxError } from '../errors.ts';
import { accessOf, requireCreateJobs } from '../jobs/access.ts';
import type { Instant, JobId } from '../jobs/job.ts';
import { requirePrivileges } from '../jobs/kind-options.ts';
import type { Registry } from '../jobs/registry.ts';
import type { Idempotency, Store } from '../store/store.ts';
import type { KeyOf } from './idempotency.ts';
import { repeatInDoubt } from './in-doubt.ts';
import type { Creator, Prepare, Timing } from './prepare.ts';
import { valueAt } from './secret-paths.ts';

export type { Creator, Timing } from './prepare.ts';

export interface CreateOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly prepare: Prepare;
  readonly keyOf: KeyOf;
  /** The store is reached over a network, on which answers are lost. */
  readonly isShared: boolean;
  readonly now: () => Instant;
}

const NOW: Timing = { runAt: null, priority: 0 };

/** The kind parses the rest of the input. */
const INPUT = z.looseObject({ idempotencyKey: z.string().nullish() });

/** A creation that runs a job again: see rerun.ts. */
export interface Again {
  readonly rerunOf: JobId;
  /** The stored input of the first job. */
  readonly inputJson: unknown;
  readonly idempotency: Idempotency | null;
}

export type Create = (
  typeName: string,
  input: unknown,
  creator: Creator,
  options?: { readonly again?: Again; readonly timing?: Timing },
) => Promise<Created>;

export interface Created {
  readonly id: JobId;
  readonly created: boolean;
  /** Returned to the creator in this answer only. Empty if the job existed already. */
  readonly returnedOnce: Readonly<Record<string, string>>;
}

/**
 * Validates an input without delaying other requests, and then creates the job.
 * @throws FORBIDDEN, BAD_USER_INPUT, IDEMPOTENCY_CONFLICT, CONFLICT, UNAVAILABLE; CallerLeft
 */
export const createCreate =
  ({ store, registry, prepare, keyOf, isShared, now }: CreateOptions): Create =>
  async (typeName, given, creator, { again, timing = NOW } = {}) => {
    const { viewer } = creator;
    requireCreateJobs(viewer);
    const { idempotencyKey, ...input } = INPUT.parse(given);
    const kind = registry.get(typeName);
    requirePrivileges(viewer, kind);
    const idempotency =
      again === undefined ? await keyOf(typeName, idempotencyKey, input, kind.laterDefaults) : again.idempotency;
    // This precedes all checks: what the first call created would be a conflict for the second call.
    const before = idempotency === null ? null : await store.jobByKey(viewer.name, idempotency);
    if (before !== null) return { id: before, created: false, returnedOnce: {} };
    const { job: prepared, storedInput, secretPaths, returnedOnce } = await prepare(typeName, input, creator, timing);
    if (again !== undefined) requireSame(again, storedInput, secretPaths);
    const job = {
      ...prepared,
      rerunOf: again?.rerunOf ?? null,
      idempotency: idempotency ?? (isShared ? await keyOf(typeName, randomUUID(), {}) : null),
    };
    const create = () => store.createJob(job, now());
    const stored = await repeatInDoubt(isShared, create).catch(async (error: unknown) => {
      throw await withoutHidden(error, (id) => store.job(id, accessOf(viewer, { ownersControlJobs: false })));
    });
    // A key that was drawn here is known to no other caller: if it was used before, the answer of that call was lost.
    const created = stored.created || idempotency === null;
    return { id: stored.id, created, returnedOnce: created ? returnedOnce : {} };
  };

/** A secret may have changed since, but not what it belongs to. */
const requireSame = (first: Again, stored: unknown, paths: readonly string[]) => {
  const other = paths.find((path) => valueAt(stored, path) !== valueAt(first.inputJson, path));
  if (other === undefined) return;
  const [was, is] = [first.inputJson, stored].map((input) => JSON.stringify(valueAt(input, other)));
  const field = `input.secrets.${other}`;
  throw badInput(
    field,
    `${field} does not belong to ${was} of job ${first.rerunOf}: with secrets redacted it is ${is}`,
  );
};

/** A conflict names the job that has the name only to viewers who may see that job. */
export const withoutHidden = async (error: unknown, find: (id: JobId) => Promise<unknown>): Promise<unknown> => {
  if (!(error instanceof SignalboxError) || typeof error.extensions.jobId !== 'string') return error;
  const { jobId, ...others } = error.extensions;
  if ((await find(jobId)) !== null) return error;
  return new SignalboxError(error.code, error.message.replace(`job ${jobId}`, 'another job'), others);
};
