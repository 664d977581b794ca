/**
 * The work directory of a job, for unfinished files. For a job that works on files rather than tables, it also holds
 * the fence: `state.db`, with the record that every target has. If the directory is lost, so is the position of the
 * job. `state.db` is a SQLite file on the server's own disk, whichever engine the job's database has.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Environment, type Io, PauseAsked, type Step, type Task, type Work } from '../jobs/kind.ts';
import { quote } from './quote.ts';
import { enter, lostMessage, markBegan, requireCurrent } from './sqlite/acquire-fence.ts';
import { failureOf } from './sqlite/errors.ts';
import { type FenceClaim, readCheckpoint } from './sqlite/fence.ts';
import { checkCurrent, fenced } from './sqlite/fenced.ts';
import { createDatabaseFile, openDatabase, type Target } from './sqlite/open.ts';

type AnyWork = Work<unknown, unknown>;
type Where = Pick<Environment, 'workDir'>;
type Steps<P, R> = AsyncGenerator<Step<P>, R, void>;

/** An open work directory. */
export interface WorkDirectory {
  readonly folder: string;
  /** The checkpoint that `fenced` saved last, under any claim of the job; null if there is none. */
  readCheckpoint<C>(): C | null;
  /** Call before writing a file, here or at a destination. @throws Fenced unless the claim is the newest */
  checkCurrent(): void;
  /** One transaction, as in databases/sqlite/fenced.ts: `work` returns the checkpoint to save, or undefined. */
  fenced<P, C>(last: Step<P>, signal: AbortSignal, work: () => C): Steps<P, C>;
  list<T extends object>(declared: ListDeclaration<T>): List<T>;
}

export interface ListDeclaration<T> {
  readonly name: string;
  /** A text by which values can be found. */
  readonly key?: keyof T & string;
}

/** A list of JSON values, as a table of `state.db`. It changes inside `fenced` only. */
export interface List<T> {
  /** Creates the list, or creates it again without values. */
  create(): void;
  append(values: readonly T[]): void;
  /** All values, in order. */
  all(): readonly T[];
  /** The first value with this key; null if there is none. */
  find(key: string): T | null;
}

/**
 * Keeps all older claims out of the directory. Creates missing files. If work began and the directory is missing, the
 * position is lost.
 * @param acquireOther acquires the fence of the job's other target. The job counts as begun only after both: one
 *   without the other would look like a lost position
 * @throws Fenced; Transient while the disk is full
 */
export const acquireWorkDirectoryFence = async (
  work: Pick<AnyWork, 'claim' | 'began'>,
  io: Io,
  task: Task,
  acquireOther?: () => Promise<unknown>,
): Promise<void> => {
  const isAcquired = await acquireOwn(work, io, task);
  await acquireOther?.();
  if (isAcquired) await markBegan(work.claim, io);
};

const acquireOwn = async (work: Pick<AnyWork, 'claim' | 'began'>, io: Io, task: Task): Promise<boolean> => {
  const { claim, began } = work;
  const folder = folderOf(io.environment, claim);
  let target: Target | undefined;
  try {
    if (!existsSync(stateFile(folder))) {
      const lost = lostMessage(claim, 'the data folder');
      if (task === 'release') return false;
      if (task === 'run' && began) throw new PauseAsked(lost);
      await requireCurrent(claim, io);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      createDatabaseFile(stateFile(folder));
    }
    target = openDatabase(stateFile(folder), NAME, { lockWaitMs: 50 });
    return await enter(target, work, io, task, lostMessage(claim, 'the data folder'));
  } catch (error) {
    throw failureOf(error, NAME);
  } finally {
    target?.close();
  }
};

/**
 * Opens the directory for as long as `use` runs.
 * @throws Transient when it is missing: the next claim creates it again
 */
export async function* withWorkDirectory<P>(
  where: Where,
  claim: FenceClaim,
  use: (directory: WorkDirectory) => Steps<P, void>,
): Steps<P, void> {
  const folder = folderOf(where, claim);
  const target = openDatabase(stateFile(folder), NAME, { lockWaitMs: 1_000 });
  try {
    yield* use({
      folder,
      readCheckpoint: () => readCheckpoint(target.sql, claim),
      checkCurrent: () => checkCurrent(target, claim),
      fenced: (last, signal, work) => fenced(target, claim, last, signal, work),
      list: (declared) => listOf(target, declared),
    });
  } catch (error) {
    throw failureOf(error, NAME);
  } finally {
    target.close();
  }
}

export const removeWorkDirectory = (where: Where, claim: Pick<FenceClaim, 'jobId'>): Promise<void> =>
  rm(folderOf(where, claim), { recursive: true, force: true });

const listOf = <T extends object>({ sql }: Target, { name, key }: ListDeclaration<T>): List<T> => {
  const table = quote(name);
  const keyColumn = key === undefined ? '' : `${quote(key)} TEXT NOT NULL, `;
  const read = (json: unknown): T => JSON.parse(json as string);
  return {
    create: () => {
      sql.exec(`DROP TABLE IF EXISTS ${table}`);
      sql.exec(`CREATE TABLE ${table} (n INTEGER PRIMARY KEY, ${keyColumn}json TEXT NOT NULL)`);
      if (key !== undefined) sql.exec(`CREATE INDEX ${quote(`${name}ByKey`)} ON ${table} (${quote(key)})`);
    },
    append: (values) => {
      const columns = key === undefined ? '(json) VALUES (?)' : `(${quote(key)}, json) VALUES (?, ?)`;
      const insert = sql.prepare(`INSERT INTO ${table} ${columns}`);
      for (const value of values) {
        insert.run(...(key === undefined ? [] : [value[key]]), JSON.stringify(value));
      }
    },
    all: () => sql.prepare(`SELECT json FROM ${table} ORDER BY rowid`).pluck().all().map(read),
    find: (wanted) => {
      const json = sql
        .prepare(`SELECT json FROM ${table} WHERE ${quote(key ?? '')} = ? LIMIT 1`)
        .pluck()
        .get(wanted);
      return json === undefined ? null : read(json);
    },
  };
};

/** As in `database … is locked`. */
const NAME = "of the job's own state";
const folderOf = ({ workDir }: Where, { jobId }: Pick<FenceClaim, 'jobId'>): string => path.join(workDir, jobId);
const stateFile = (folder: string) => path.join(folder, 'state.db');
