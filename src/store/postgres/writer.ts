/**
 * Writes, on one connection. The calls that wait are executed together, in one transaction and one flush: each has a
 * savepoint, so that a call that fails undoes only itself. A commit under the store lock takes as long as a flush,
 * whatever the number of servers: batches are what makes the store fast.
 */
import { unavailable } from '../../errors.ts';
import type { Connection, Lane } from './connection.ts';
import { type Log, log } from './events.ts';
import { failureOf, isConnectionLost, isLockTimeout, isSerialization } from './failures.ts';
import { BULK, begin, type Limits, USUAL } from './order.ts';

type Work = (db: Connection, databaseNow: number) => Promise<unknown>;

interface Call {
  readonly work: Work;
  readonly isBulk: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface WriterOptions {
  readonly lane: Lane;
  readonly hasTransactionTimeout: boolean;
  /** How far the store came with a commit; called before the calls of the commit are answered. */
  readonly onCommit: (log: Log) => void;
}

export interface Writer {
  /** `first`: before all calls that wait. `isBulk`: may take long. */
  write(work: Work, how?: { readonly first?: boolean; readonly isBulk?: boolean }): Promise<unknown>;
  close(): Promise<void>;
}

const MOST_AT_ONCE = 64;
const REPEATS = 3;
/** How long a call waits for the store lock. */
const PATIENCE_MS = 60_000;

export const createWriter = (options: WriterOptions): Writer => {
  const urgent: Call[] = [];
  const waiting: Call[] = [];
  let draining: Promise<void> | null = null;
  let closed = false;

  const drain = async () => {
    // What is called in the same turn of the event loop is executed together.
    await Promise.resolve();
    while (urgent.length + waiting.length > 0) {
      const batch = urgent.splice(0, MOST_AT_ONCE);
      batch.push(...waiting.splice(0, MOST_AT_ONCE - batch.length));
      await executeAll(batch, options);
    }
    draining = null;
  };

  return {
    write: (work, { first = false, isBulk = false } = {}) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(unavailable('the job store is closed'));
        (first ? urgent : waiting).push({ work, isBulk, resolve, reject });
        draining ??= drain();
      }),
    close: async () => {
      closed = true;
      await draining;
      await options.lane.close();
    },
  };
};

type Result = { readonly value: unknown } | { readonly error: unknown };

const executeAll = async (batch: readonly Call[], options: WriterOptions) => {
  const since = performance.now();
  const limits = batch.some(({ isBulk }) => isBulk) ? BULK : USUAL;
  for (let repeats = 0; ; repeats += 1) {
    try {
      const { results, reached } = await options.lane.use((db) => commit(db, batch, limits, options), limits.answerMs);
      options.onCommit(reached);
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index] as Result;
        if ('error' in result) reject(failureOf(result.error));
        else resolve(result.value);
      });
      return;
    } catch (error) {
      if (isSerialization(error) && repeats < REPEATS) continue;
      if (isLockTimeout(error) && performance.now() - since < PATIENCE_MS) continue;
      for (const { reject } of batch) reject(failureOf(error));
      return;
    }
  }
};

const commit = async (db: Connection, batch: readonly Call[], limits: Limits, options: WriterOptions) => {
  try {
    const now = await begin(db, limits, options.hasTransactionTimeout);
    const results = batch.length === 1 ? await alone(db, batch, now) : await together(db, batch, now);
    const reached = await log(db);
    await db.script('COMMIT');
    return { results, reached };
  } catch (error) {
    if (!isConnectionLost(error)) await db.script('ROLLBACK').catch(() => undefined);
    throw error;
  }
};

const alone = async (db: Connection, batch: readonly Call[], now: number): Promise<readonly Result[]> =>
  Promise.all(batch.map(async ({ work }) => ({ value: await work(db, now) })));

const together = async (db: Connection, batch: readonly Call[], now: number): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const { work } of batch) {
    await db.script('SAVEPOINT call');
    try {
      results.push({ value: await work(db, now) });
      await db.script('RELEASE call');
    } catch (error) {
      if (isConnectionLost(error) || isSerialization(error)) throw error;
      await db.script('ROLLBACK TO call; RELEASE call');
      results.push({ error });
    }
  }
  return results;
};
