import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { z } from 'zod';
import type { Vault } from '../auth/vault.ts';
import type { Viewer } from '../auth/viewer.ts';
import { badInput, cutText, databaseConflict, SignalboxError } from '../errors.ts';
import { accessOf, fileUrlsIn, mayUseDatabase, reachOf, requireCreateJobs, SERVER_REACH } from '../jobs/access.ts';
import type { Hold, TableHold } from '../jobs/holds.ts';
import type { Instant, JobId } from '../jobs/job.ts';
import type { Creation, Environment } from '../jobs/kind.ts';
import { requirePrivileges } from '../jobs/kind-options.ts';
import type { Registry } from '../jobs/registry.ts';
import type { Idempotency, NewJob, Store } from '../store/store.ts';
import { requireCaller } from './ask-in-process.ts';
import type { Databases, EnvironmentOf } from './databases.ts';
import type { KeyOf } from './idempotency.ts';
import { repeatInDoubt } from './in-doubt.ts';
import type { Runner } from './runner.ts';
import { secretPathsOf, valueAt } from './secret-paths.ts';

export interface CreateOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly runner: Runner;
  readonly databases: Databases;
  readonly vault: Vault;
  readonly keyOf: KeyOf;
  readonly environmentOf: EnvironmentOf;
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

/** Who creates a job. */
export interface Creator {
  readonly viewer: Viewer;
  /** The token that the viewer sent, if any. */
  readonly tokenId: string | null;
  /** Aborted when the viewer no longer waits: then no job is created. */
  readonly signal: () => AbortSignal | undefined;
}

/** When a job is claimed. */
export interface Timing {
  /** Not claimed for the first time before this time; null: immediately. */
  readonly runAt: Instant | null;
  /** From -100 to 100: among waiting jobs, higher priorities are claimed first. 0 stands for the priority of the kind. */
  readonly priority: number;
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
  ({ store, registry, runner, databases, vault, keyOf, environmentOf, isShared, now }: CreateOptions): Create =>
  async (typeName, given, { viewer, tokenId, signal }, { again, timing = NOW } = {}) => {
    requireCreateJobs(viewer);
    const { idempotencyKey, ...input } = INPUT.parse(given);
    const kind = registry.get(typeName);
    requirePrivileges(viewer, kind);
    const idempotency =
      again === undefined ? await keyOf(typeName, idempotencyKey, input, kind.laterDefaults) : again.idempotency;
    // This precedes all checks: what the first call created would be a conflict for the second call.
    const before = idempotency === null ? null : await store.jobByKey(viewer.name, idempotency);
    if (before !== null) return { id: before, created: false, returnedOnce: {} };
    const known = await store.databases();
    const found = known.find((database) => database.name === input.database) ?? null;
    // A database that is not granted does not exist for the viewer, except that its name cannot be given again.
    const named = found !== null && mayUseDatabase(viewer, found.name) ? found : null;
    const environment = environmentOf(named, reachOf(viewer));
    const {
      returnedOnce = {},
      makesDatabase,
      holds,
      exclusiveKey,
      concurrencyKey,
      secrets,
      input: storedInput = secrets === undefined ? input : null,
      ...creation
    } = await runner.askFor({ userName: viewer.name, signal })<Creation<unknown>>(
      typeName,
      'create',
      input,
      environment,
    );
    const secretPaths = secretPathsOf(input, storedInput);
    if (again !== undefined) requireSame(again, storedInput, secretPaths);
    const { database } = creation;
    if (database !== null && !makesDatabase && !mayUseDatabase(viewer, database)) {
      throw badInput('input.database', `database ${JSON.stringify(database)} does not exist`);
    }
    if (makesDatabase && found !== null) throw databaseConflict(found.name, null);
    const made = makesDatabase ? await databases.planned(String(database), 'input.database') : null;
    const heldTables = await holdsOf(
      holds,
      creation.database,
      made === null ? environment : environmentOf(made, SERVER_REACH),
      (made ?? named)?.node ?? null,
    );
    requireCaller(signal());
    const job: NewJob = {
      type: kind.type,
      typeName,
      userName: viewer.name,
      tokenId,
      ...creation,
      ...(secrets === undefined ? {} : { secrets: vault.seal(secrets) }),
      inputJson: JSON.stringify(storedInput),
      secretPaths,
      rerunOf: again?.rerunOf ?? null,
      runAt: timing.runAt,
      priority: timing.priority || (kind.priority ?? 0),
      continuous: kind.continuous === true,
      holds: [...heldTables, ...exclusiveHold(typeName, exclusiveKey), ...countedHold(typeName, concurrencyKey)],
      node: databases.nodeFor(made ?? named, fileUrlsIn(storedInput)),
      makes: made,
      idempotency: idempotency ?? (isShared ? await keyOf(typeName, randomUUID(), {}) : null),
    };
    const create = () => store.createJob(job, now());
    const stored = await repeatInDoubt(isShared, create).catch(async (error: unknown) => {
      throw await withoutHidden(error, (id) => store.job(id, accessOf(viewer, { ownersControlJobs: false })));
    });
    // Nobody else has a key that was drawn here: if it was used before, then by a call whose answer was lost.
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
const withoutHidden = async (error: unknown, find: (id: JobId) => Promise<unknown>): Promise<unknown> => {
  if (!(error instanceof SignalboxError) || typeof error.extensions.jobId !== 'string') return error;
  const { jobId, ...others } = error.extensions;
  if ((await find(jobId)) !== null) return error;
  return new SignalboxError(error.code, error.message.replace(`job ${jobId}`, 'another job'), others);
};

/** Jobs of a kind with the same key conflict wherever they run. */
const exclusiveHold = (typeName: string, key: string | undefined): readonly Hold[] =>
  key === undefined
    ? []
    : [
        {
          resource: `kind:${typeName}#${key}`,
          mode: 'alter',
          label: `${typeName} ${JSON.stringify(cutText(key, 100))}`,
        },
      ];

/** Jobs of a kind with the same key are counted while they run. */
const countedHold = (typeName: string, key: string | undefined): readonly Hold[] =>
  key === undefined ? [] : [{ resource: `count:${typeName}#${key}`, mode: 'count', label: typeName }];

/** A database is identified by its real file, and the server that has it, whichever name refers to it. */
const holdsOf = async (
  holds: readonly TableHold[] = [],
  database: string | null,
  environment: Environment,
  node: string | null,
) => {
  const place = environment.database;
  const file =
    place === null ? '' : place.engine === 'sqlite' ? await realpath(place.file).catch(() => place.file) : place.url;
  const where = node === null ? '' : `${node}:`;
  return holds.map(({ table, mode }) => ({
    resource: `${where}${file}#${table}`,
    mode,
    label: `${database}.${table}`,
  }));
};
