import { open, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Viewer } from '../auth/viewer.ts';
import type { DatabaseShape } from '../databases/database.ts';
import { badInput, conflict, databaseConflict, forbidden, messageOf, SignalboxError, unavailable } from '../errors.ts';
import { mayUseDatabase, type Reach, requireReadDatabases } from '../jobs/access.ts';
import type { Instant } from '../jobs/job.ts';
import type { DatabasePlace, Environment } from '../jobs/kind.ts';
import type { By, Caller, CreationKey, KnownDatabase, Store } from '../store/store.ts';
import { CallerLeft, requireCaller } from './ask-in-process.ts';
import type { Runner } from './runner.ts';
import { DATABASE } from './work-protocol.ts';

/** A database with its content. `shape` is null when the database cannot be read now, and `error` gives the reason. */
export interface DatabaseNow extends KnownDatabase {
  readonly shape: DatabaseShape | null;
  readonly error: string | null;
}

interface DatabaseInput {
  readonly name: string;
  readonly url?: string | null | undefined;
}

export interface Databases {
  /** The databases that the viewer's jobs may use. */
  list(viewer: Viewer): Promise<readonly KnownDatabase[]>;
  /** Reads the content of a database, until the caller has left. */
  read(database: KnownDatabase, caller?: Caller): Promise<DatabaseNow>;
  /** Registers nothing if the caller has left before that. */
  create(
    input: DatabaseInput,
    viewer: Viewer,
    by: By,
    /** A key that was used before returns the database that was created with it. */
    key: CreationKey | null,
    caller?: Caller,
  ): Promise<KnownDatabase>;
  /** Whether the database is on the disk of this server. */
  isHere(database: KnownDatabase | null): boolean;
  /** @throws UNAVAILABLE if the database is on the disk of another server */
  fileOf(database: KnownDatabase): string;
  placeOf(database: KnownDatabase): DatabasePlace;
  /** The only server that can run a job on this database with these `nodelocal:` URLs. Null: any can. */
  nodeFor(database: KnownDatabase | null, fileUrls: readonly string[]): string | null;
  /**
   * A database that a job is going to create.
   * @throws badInput, naming the field, for a name or a file that cannot be used
   */
  planned(name: string, field: string): Promise<KnownDatabase>;
}

export type EnvironmentOf = (database: KnownDatabase | null, reach: Reach) => Environment;

export interface DatabasesOptions {
  readonly store: Store;
  readonly runner: Runner;
  /** The folder of the databases that the server created itself. */
  readonly folder: string;
  /** Null: the store is no file. */
  readonly storeFile: string | null;
  /** This server; null: the store has no other. */
  readonly node: string | null;
  /** All servers of the store read the same folders. */
  readonly filesShared: boolean;
  readonly now: () => Instant;
}

const NAME = /^[A-Za-z0-9_-]{1,128}$/;
/** The time limit for counting rows, over all tables of a database. */
const COUNT_MS = 1_000;

export const createDatabases = (options: DatabasesOptions): Databases => {
  const { store, runner, folder, storeFile, node, filesShared, now } = options;
  /** The server that new databases and files belong to. */
  const owner = filesShared ? null : node;
  const isHere = (database: KnownDatabase | null) => (database?.node ?? null) === null || database?.node === node;
  const fileOf = (database: KnownDatabase) => {
    if (!isHere(database)) {
      throw unavailable(`database ${database.name} is on node ${database.node}: send the request to that server`);
    }
    const path = database.url.slice('file:'.length);
    return path.startsWith('/') ? path : join(folder, path);
  };
  const planned = async (name: string, field: string): Promise<KnownDatabase> => {
    if (!NAME.test(name)) {
      throw badInput(
        field,
        `${JSON.stringify(name)} must have 1 to 128 letters, digits, _ and - to be a database's name`,
      );
    }
    const database = { name, url: `file:${name}.db`, createdAt: now(), node: owner };
    const found = await stat(fileOf(database)).catch(() => null);
    if (found !== null) throw conflict('the file of this database exists already');
    return database;
  };
  /** If the process is killed because this takes too long, the file is removed: it did not exist before. */
  const createFile = async (file: string) => {
    try {
      await runner.ask(DATABASE, 'create', file);
    } catch (error) {
      if (error instanceof SignalboxError && error.code === 'UNAVAILABLE') await rm(file, { force: true });
      throw error;
    }
  };
  const register = async ({ name, url }: DatabaseInput, by: By, key: CreationKey | null, caller?: Caller) => {
    if (!NAME.test(name)) {
      throw badInput('input.name', `name ${JSON.stringify(name)} must have 1 to 128 letters, digits, _ and -`);
    }
    const maker = await store.makerOf(name);
    if (maker !== null || (await store.databases()).some((known) => known.name === name)) {
      throw databaseConflict(name, maker);
    }
    if (url !== null && url !== undefined) {
      const file = await existing(url, storeFile);
      requireCaller(caller?.signal());
      return store.createDatabase({ name, url: file, node: owner }, now(), by, key);
    }
    const file = `${name}.db`;
    requireCaller(caller?.signal());
    await createFile(join(folder, file));
    try {
      requireCaller(caller?.signal());
      return await store.createDatabase({ name, url: `file:${file}`, node: owner }, now(), by, key);
    } catch (error) {
      // Nothing else created this file: it did not exist a moment ago. If the store has failed, the database may be in it.
      const isConflict = error instanceof SignalboxError && /CONFLICT$/.test(error.code);
      if (isConflict || error instanceof CallerLeft) await rm(join(folder, file), { force: true });
      throw error;
    }
  };
  /** Null: no database was created with this key. */
  const createdWith = async (key: CreationKey | null): Promise<KnownDatabase | null> => {
    const name = key === null ? null : await store.targetByKey(key);
    return name === null ? null : ((await store.databases()).find((known) => known.name === name) ?? null);
  };
  return {
    isHere,
    fileOf,
    nodeFor: (database, fileUrls) => database?.node ?? (fileUrls.length > 0 ? owner : null),
    placeOf: (database) => ({ engine: 'sqlite', file: fileOf(database) }),
    planned,
    list: async (viewer) => {
      requireReadDatabases(viewer);
      return (await store.databases()).filter(({ name }) => mayUseDatabase(viewer, name));
    },
    read: async (database, caller) => {
      try {
        const ask = runner.askFor(caller ?? { signal: () => undefined });
        const shape = await ask<DatabaseShape>(DATABASE, 'inspect', fileOf(database), database.name, COUNT_MS);
        return { ...database, shape, error: null };
      } catch (error) {
        return { ...database, shape: null, error: messageOf(error) };
      }
    },
    create: async (input, viewer, by, key, caller) => {
      if (!viewer.isAdmin) throw forbidden(`user ${viewer.name} is not an admin: only admins create databases`);
      const before = await createdWith(key);
      if (before !== null) return before;
      try {
        return await register(input, by, key, caller);
      } catch (error) {
        // A request that was repeated at the same time may have been first.
        const meanwhile = await createdWith(key);
        if (meanwhile !== null) return meanwhile;
        throw error;
      }
    },
  };
};

/** The URL of an existing SQLite file, as its real path: a database is identified by its file, whatever its names. */
const existing = async (url: string, storeFile: string | null): Promise<string> => {
  const wanted = pathOf(url);
  if (wanted === null || url.length > 8_192)
    throw badInput('input.url', `url ${JSON.stringify(url.slice(0, 200))} must be file:/ and an absolute path`);
  const path = await realpath(wanted).catch(() => null);
  const file = path === null ? null : await stat(path);
  if (path === null || !file?.isFile() || OF_THE_SYSTEM.test(path)) {
    throw badInput('input.url', `url ${url} names no file`);
  }
  // A hard link is another path to the same file.
  const files = storeFile === null ? [] : OF_THE_STORE.map((suffix) => `${storeFile}${suffix}`);
  const own = await Promise.all(files.map((file) => stat(file).catch(() => null)));
  if (own.some((other) => other !== null && file.ino === other.ino && file.dev === other.dev)) {
    throw badInput('input.url', `url ${url} is the job store itself`);
  }
  if (!(await isDatabase(path))) throw badInput('input.url', `url ${url} is not an SQLite database`);
  return `file:${path}`;
};

const OF_THE_SYSTEM = /^\/(proc|sys|dev)\//;
const OF_THE_STORE = ['', '-wal', '-shm', '-journal', '-lock'];
const HEADER = 'SQLite format 3\0';

/** An empty file becomes a database when it is first written. */
const isDatabase = async (path: string): Promise<boolean> => {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return false;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEADER.length), 0, HEADER.length, 0);
    return bytesRead === 0 || buffer.toString('latin1', 0, bytesRead) === HEADER;
  } finally {
    await file.close();
  }
};

const pathOf = (url: string): string | null => {
  if (!/^file:\/(?!\/[^/])/.test(url)) return null;
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch {
    return null;
  }
};
