import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import type Database from 'better-sqlite3';
import { filterTooBroad, unavailable } from '../../errors.ts';
import { Prisma, PrismaClient } from './client/client.ts';

export type Sql = Prisma.Sql;
export const { sql, join, raw } = Prisma;

/** Columns have the types of the models of the schema; expressions are bigint, text or null. */
export type Row = Readonly<Record<string, unknown>>;
type Models = Omit<PrismaClient, `$${string}`>;

/** One connection to the job store. */
export interface Connection {
  /** From now on, a read has to finish within this time. See `inTime`. */
  limit(ms: number): void;
  rows<R extends object = Row>(statement: Sql): Promise<readonly R[]>;
  /** The number of rows changed. */
  run(statement: Sql): Promise<number>;
  /**
   * Calls Prisma's models, for rare operations of one statement: `find…`, `create`, `updateMany`, `deleteMany`. The
   * other methods begin a transaction of their own, which fails inside another.
   */
  model<T>(call: (models: Models) => PromiseLike<T>): Promise<T>;
  /** Whether another program has committed to the file since the previous call. */
  changedElsewhere(): boolean;
  close(): Promise<void>;
}

/**
 * Opens the store's file. A reader cannot write. The writer's commits are on disk when they are answered
 * (synchronous FULL): an event is durable before anyone is notified.
 */
export const connect = async (file: string, mode: 'writer' | 'reader'): Promise<Connection> => {
  const clock = createDeadline();
  const adapter = new WatchedAdapter(file, mode, clock.inTime);
  const client = new PrismaClient({ adapter });
  const connection: Connection = {
    limit: clock.limit,
    rows: <R extends object>(statement: Sql) => client.$queryRaw<R[]>(statement).catch(storeFailed),
    model: async (call) => {
      try {
        return await call(client);
      } catch (error) {
        return storeFailed(error);
      }
    },
    run: (statement) => client.$executeRaw(statement).catch(storeFailed),
    changedElsewhere: () => adapter.changedElsewhere(),
    close: () => client.$disconnect(),
  };
  if (mode === 'writer') {
    await connection.rows(sql`PRAGMA journal_mode = WAL`);
    await connection.rows(sql`PRAGMA synchronous = FULL`);
    await connection.rows(sql`PRAGMA foreign_keys = ON`);
    await connection.rows(sql`PRAGMA temp_store = MEMORY`);
  }
  await connection.rows(sql`PRAGMA cache_size = -65536`);
  return connection;
};

/** Runs `work` as one transaction: everything is committed, or nothing. */
export const transaction = async <T>(connection: Connection, work: () => Promise<T>): Promise<T> => {
  await connection.run(sql`BEGIN IMMEDIATE`);
  try {
    const result = await work();
    await connection.run(sql`COMMIT`);
    return result;
  } catch (error) {
    // A full disk may have rolled it back already. Then there is nothing to roll back, and the original error is
    // reported.
    await connection.run(sql`ROLLBACK`).catch(() => undefined);
    throw error;
  }
};

/**
 * Prisma's adapter, with an SQL function that ends a statement that takes too long, and SQLite's own counter of commits
 * by others, which costs a microsecond where a statement through Prisma costs fifty.
 */
class WatchedAdapter extends PrismaBetterSqlite3 {
  readonly #inTime: () => number;
  #driver: Database.Database | undefined;
  #version: unknown;

  constructor(file: string, mode: 'writer' | 'reader', inTime: () => number) {
    super({ url: file, readonly: mode === 'reader', timeout: 5_000 }, { timestampFormat: 'unixepoch-ms' });
    this.#inTime = inTime;
  }

  override async connect() {
    const adapter = await super.connect();
    this.#driver = (adapter as unknown as { client: Database.Database }).client;
    this.#driver.function('in_time', this.#inTime);
    this.#version = this.#driver.pragma('data_version', { simple: true });
    return adapter;
  }

  changedElsewhere(): boolean {
    const before = this.#version;
    this.#version = this.#driver?.pragma('data_version', { simple: true });
    return this.#version !== before;
  }
}

/** SQLite's driver cannot be interrupted; a function that it calls for each row can throw. */
const createDeadline = () => {
  let deadline = Number.POSITIVE_INFINITY;
  let calls = 0;
  return {
    limit: (ms: number) => {
      deadline = performance.now() + ms;
    },
    inTime: () => {
      calls += 1;
      if (calls % 64 === 0 && performance.now() > deadline) throw new Error(OUT_OF_TIME);
      return 1;
    },
  };
};
const OUT_OF_TIME = 'the time that a read may take is over';

/** A condition that is evaluated for each row read, and ends the statement once its time is over. */
export const inTime = (condition: Sql): Sql => sql`CASE WHEN in_time() THEN ${condition} END`;

const UNAVAILABLE: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the job store cannot be written: the disk is full',
  SQLITE_BUSY: 'the job store is locked by another program',
  SQLITE_IOERR: 'the job store cannot be read or written: the disk reports an error',
  SQLITE_CANTOPEN: 'the job store cannot be opened: its file or folder is gone',
  SQLITE_READONLY: 'the job store cannot be written: its file is read-only, or was replaced',
  SQLITE_CORRUPT: 'the job store is damaged',
  SQLITE_NOTADB: 'the job store is not an SQLite database',
};

const storeFailed = (error: unknown): never => {
  if ((error as Error).message.includes(OUT_OF_TIME)) {
    throw filterTooBroad('the filter is too broad: it reads too many rows for the time that a read may take');
  }
  const code = sqliteCode(error);
  const known = code && Object.entries(UNAVAILABLE).find(([prefix]) => code.startsWith(prefix));
  if (known) throw Object.assign(unavailable(known[1]), { cause: error });
  throw error;
};

/** `SQLITE_CONSTRAINT_UNIQUE` and the like, if the error came from SQLite. */
const sqliteCode = (error: unknown): string | null => {
  const meta = (error as { meta?: { driverAdapterError?: { cause?: { originalCode?: string } } } }).meta;
  return meta?.driverAdapterError?.cause?.originalCode ?? (error as { code?: string }).code ?? null;
};
