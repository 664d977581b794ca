import { realpath } from 'node:fs/promises';
import { z } from 'zod';
import type { Vault } from '../auth/vault.ts';
import type { Viewer } from '../auth/viewer.ts';
import { requireCreateJobs } from '../jobs/access.ts';
import type { TableHold } from '../jobs/holds.ts';
import type { Instant, JobId } from '../jobs/job.ts';
import type { Creation, Environment } from '../jobs/kind.ts';
import type { Registry } from '../jobs/registry.ts';
import type { Store } from '../store/store.ts';
import type { Databases, EnvironmentOf } from './databases.ts';
import { keyOf } from './idempotency.ts';
import type { Runner } from './runner.ts';

export interface CreateOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly runner: Runner;
  readonly databases: Databases;
  readonly vault: Vault;
  readonly environmentOf: EnvironmentOf;
  readonly now: () => Instant;
}

/** The kind parses the rest of the input. */
const INPUT = z.looseObject({ idempotencyKey: z.string().nullish() });

/** `tokenId` is the token that the viewer sent, if any. */
export type Create = (typeName: string, input: unknown, viewer: Viewer, tokenId: string | null) => Promise<Created>;

export interface Created {
  readonly id: JobId;
  readonly created: boolean;
  /** Returned to the creator in this answer only. Empty if the job existed already. */
  readonly returnedOnce: Readonly<Record<string, string>>;
}

/**
 * Validates an input without delaying other requests, and then creates the job.
 * @throws FORBIDDEN, BAD_USER_INPUT, IDEMPOTENCY_CONFLICT, CONFLICT, UNAVAILABLE
 */
export const createCreate =
  ({ store, registry, runner, databases, vault, environmentOf, now }: CreateOptions): Create =>
  async (typeName, given, viewer, tokenId) => {
    requireCreateJobs(viewer);
    const { idempotencyKey, ...input } = INPUT.parse(given);
    const kind = registry.get(typeName);
    const idempotency = keyOf(typeName, idempotencyKey, input);
    // This precedes all checks: what the first call created would be a conflict for the second call.
    const before = idempotency === null ? null : await store.jobByKey(viewer.name, idempotency);
    if (before !== null) return { id: before, created: false, returnedOnce: {} };
    const known = await store.databases();
    const named = known.find((database) => database.name === input.database) ?? null;
    const environment = environmentOf(named, viewer.isAdmin);
    const {
      returnedOnce = {},
      makesDatabase,
      holds,
      secrets,
      input: storedInput = secrets === undefined ? input : null,
      ...creation
    } = await runner.ask<Creation<unknown>>(typeName, 'create', input, environment);
    const made = makesDatabase ? await databases.planned(String(creation.database), 'input.database') : null;
    const job = await store.createJob(
      {
        type: kind.type,
        typeName,
        userName: viewer.name,
        tokenId,
        ...creation,
        ...(secrets === undefined ? {} : { secrets: vault.seal(secrets) }),
        inputJson: JSON.stringify(storedInput),
        runAt: null,
        priority: 0,
        continuous: kind.continuous === true,
        holds: await holdsOf(holds, creation.database, made === null ? environment : environmentOf(made, false)),
        makes: made,
        idempotency,
      },
      now(),
    );
    return { ...job, returnedOnce: job.created ? returnedOnce : {} };
  };

/** A database is identified by its real file, whichever name refers to it. */
const holdsOf = async (holds: readonly TableHold[] = [], database: string | null, environment: Environment) => {
  const place = environment.database;
  const file =
    place === null ? '' : place.engine === 'sqlite' ? await realpath(place.file).catch(() => place.file) : place.url;
  return holds.map(({ table, mode }) => ({ resource: `${file}#${table}`, mode, label: `${database}.${table}` }));
};
