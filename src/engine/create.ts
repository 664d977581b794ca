import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import type { Viewer } from '../auth/viewer.ts';
import { badInput, forbidden } from '../errors.ts';
import { mayCreateJobs } from '../jobs/access.ts';
import type { TableHold } from '../jobs/holds.ts';
import type { Instant, JobId } from '../jobs/job.ts';
import type { Creation, Places } from '../jobs/kind.ts';
import type { Registry } from '../jobs/registry.ts';
import type { KnownDatabase, Store } from '../store/store.ts';
import type { Threads } from './threads.ts';

export interface CreateOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly threads: Threads;
  readonly placesOf: (database: KnownDatabase | null) => Places;
  readonly now: () => Instant;
}

interface JobInput {
  readonly database?: string | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

export type Create = (
  typeName: string,
  input: JobInput,
  viewer: Viewer,
) => Promise<{ readonly id: JobId; readonly created: boolean }>;

/** Checks what is asked for where that can be done without delaying who serves, and then makes the job. */
export const createCreate =
  ({ store, registry, threads, placesOf, now }: CreateOptions): Create =>
  async (typeName, { idempotencyKey, ...input }, viewer) => {
    if (!mayCreateJobs(viewer)) throw forbidden(`user ${viewer.name} does not have the privilege CREATEJOB`);
    const kind = registry.get(typeName);
    const known = await store.databases();
    const places = placesOf(known.find((database) => database.name === input.database) ?? null);
    const { details, secrets, description, database, holds } = kind.inPlace
      ? await kind.create(input, places)
      : await threads.ask<Creation<unknown>>('create', typeName, input, places);
    return store.createJob(
      {
        type: kind.type,
        typeName,
        description,
        userName: viewer.name,
        database,
        details,
        ...(secrets === undefined ? {} : { secrets }),
        endless: kind.endless === true,
        holds: await holdsOf(holds, database, places),
        idempotency: keyOf(typeName, idempotencyKey, input),
      },
      now(),
    );
  };

const keyOf = (typeName: string, key: string | null | undefined, input: unknown) => {
  if (key === null || key === undefined) return null;
  if (key === '' || key.length > 255) {
    throw badInput('input.idempotencyKey', 'idempotencyKey must have 1 to 255 characters');
  }
  return { mutation: typeName, key, inputHash: createHash('sha256').update(canonical(input)).digest('hex') };
};

/** A database is its real file, whatever its names. */
const holdsOf = async (holds: readonly TableHold[] = [], database: string | null, { databaseFile }: Places) => {
  const file = databaseFile === null ? '' : await realpath(databaseFile).catch(() => databaseFile);
  return holds.map(({ table, mode }) => ({ resource: `${file}#${table}`, mode, label: `${database}.${table}` }));
};

/** JSON with the keys of objects in order: the same input, however its fields were ordered. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
