/** Validates the input of a job, and makes everything of the job but its row. Creates nothing. */
import { realpath } from 'node:fs/promises';
import type { Vault } from '../auth/vault.ts';
import type { Viewer } from '../auth/viewer.ts';
import { badInput, cutText, databaseConflict } from '../errors.ts';
import { fileUrlsIn, mayUseDatabase, reachOf, requireCreateJobs, SERVER_REACH } from '../jobs/access.ts';
import type { Hold, TableHold } from '../jobs/holds.ts';
import type { Instant } from '../jobs/job.ts';
import type { Creation, Environment } from '../jobs/kind.ts';
import { requirePrivileges } from '../jobs/kind-options.ts';
import type { Registry } from '../jobs/registry.ts';
import type { NewJob, Store } from '../store/store.ts';
import { requireCaller } from './ask-in-process.ts';
import type { Databases, EnvironmentOf } from './databases.ts';
import type { Runner } from './runner.ts';
import { secretPathsOf } from './secret-paths.ts';

export interface PrepareOptions {
  readonly store: Pick<Store, 'databases'>;
  readonly registry: Registry;
  readonly runner: Pick<Runner, 'askFor'>;
  readonly databases: Databases;
  readonly vault: Vault;
  readonly environmentOf: EnvironmentOf;
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

export interface Prepared {
  readonly job: NewJob;
  /** The stored input: secrets redacted. */
  readonly storedInput: unknown;
  readonly secretPaths: readonly string[];
  /** Returned to the creator once. */
  readonly returnedOnce: Readonly<Record<string, string>>;
}

export type Prepare = (
  typeName: string,
  input: Readonly<Record<string, unknown>>,
  creator: Creator,
  timing: Timing,
) => Promise<Prepared>;

/** @throws FORBIDDEN, BAD_USER_INPUT, CONFLICT, UNAVAILABLE; CallerLeft */
export const createPrepare =
  ({ store, registry, runner, databases, vault, environmentOf }: PrepareOptions): Prepare =>
  async (typeName, input, { viewer, tokenId, signal }, timing) => {
    requireCreateJobs(viewer);
    const kind = registry.get(typeName);
    requirePrivileges(viewer, kind);
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
      runAt: timing.runAt,
      priority: timing.priority || (kind.priority ?? 0),
      continuous: kind.continuous === true,
      holds: [...heldTables, ...exclusiveHold(typeName, exclusiveKey), ...countedHold(typeName, concurrencyKey)],
      node: databases.nodeFor(made ?? named, fileUrlsIn(storedInput)),
      makes: made,
      idempotency: null,
    };
    return { job, storedInput, secretPaths, returnedOnce };
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
