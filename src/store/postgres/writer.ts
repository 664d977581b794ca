/**
 * Writes. The calls that wait are executed together, in one transaction and one flush: each has a savepoint, so that a
 * call that fails undoes only itself. Where writers wait for each other, a commit takes as long as a flush, whatever the
 * number of servers: batches are what makes the store fast.
 *
 * Where they do not (see order.ts), calls that may take long, or that have to wait for a row, leave the batch: each has
 * a transaction of its own, on another connection.
 */
import { unavailable } from '../../errors.ts';
import { createQueue } from '../queue.ts';
import type { Connection, Lane } from './connection.ts';
import type { Log } from './events.ts';
import { failureOf, isLockTimeout, isOvertaken, isSerialization, SetBack } from './failures.ts';
import { BULK, SHARED, STORE_LOCK, USUAL } from './order.ts';
import { repair } from './set-back.ts';
import { commit, type Result, type Work } from './transaction.ts';
import type { Order } from './write-order.ts';

export interface HowToWrite {
  /** Before all calls that wait. */
  readonly first: boolean;
  /** May take long. */
  readonly isBulk: boolean;
  /** Has a transaction of its own, and excludes others of its kind, where writers do not wait for each other. */
  readonly isRare: boolean;
  /** Calls of a batch lock jobs in this order, as those of other servers do. */
  readonly rank: number;
}

interface Call extends HowToWrite {
  readonly work: Work;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface WriterOptions {
  /** The first is for batches. */
  readonly lanes: readonly Lane[];
  readonly order: Order;
  readonly hasTransactionTimeout: boolean;
  /** How far the store came with a commit; called before the calls of the commit are answered. */
  readonly onCommit: (log: Log) => void;
  /** The store has lost its last events, and was repaired. */
  readonly onSetBack: () => void;
}

export interface Writer {
  write(work: Work, how: HowToWrite): Promise<unknown>;
  close(): Promise<void>;
}

const MOST_AT_ONCE = 64;
const REPEATS = 3;
/** How long a call waits for a lock. */
const PATIENCE_MS = 60_000;

export const createWriter = (options: WriterOptions): Writer => {
  const { lanes, order } = options;
  const [shared, ...own] = lanes as readonly [Lane, ...Lane[]];
  const urgent: Call[] = [];
  const waiting: Call[] = [];
  let draining: Promise<void> | null = null;
  let closed = false;
  const idle = [...own];
  const inTurn = createQueue(Math.max(1, own.length));
  const alone = new Set<Promise<void>>();

  const execute = async (batch: readonly Call[]) => {
    const answers = await executeAll(shared, batch, options);
    batch.forEach((call, index) => {
      const result = answers[index] as Result;
      if ('error' in result && result.again && own.length > 0) startAlone(call);
      else answer(call, result);
    });
  };
  const startAlone = (call: Call) => {
    const executed = inTurn({ first: call.first }, async () => {
      const lane = idle.pop() as Lane;
      answer(call, await executeOne(lane, call, options));
      idle.push(lane);
    }).finally(() => alone.delete(executed));
    alone.add(executed);
  };
  const drain = async () => {
    // What is called in the same turn of the event loop is executed together.
    await Promise.resolve();
    while (urgent.length + waiting.length > 0) {
      const batch = urgent.splice(0, MOST_AT_ONCE);
      batch.push(...waiting.splice(0, MOST_AT_ONCE - batch.length));
      await execute(order.mode === 'floor' ? batch.sort((one, other) => one.rank - other.rank) : batch);
    }
    draining = null;
  };

  return {
    write: (work, how) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(unavailable('the job store is closed'));
        const call = { ...how, work, resolve, reject };
        if (own.length > 0 && (how.isBulk || how.isRare)) return startAlone(call);
        (how.first ? urgent : waiting).push(call);
        draining ??= drain();
      }),
    close: async () => {
      closed = true;
      await draining;
      await Promise.all(alone);
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
};

const answer = ({ resolve, reject }: Call, result: Result) => {
  if ('error' in result) reject(failureOf(result.error));
  else resolve(result.value);
};

/** Never throws. */
const executeAll = async (lane: Lane, batch: readonly Call[], options: WriterOptions): Promise<readonly Result[]> => {
  const { order, hasTransactionTimeout, onCommit } = options;
  const since = performance.now();
  const isShared = order.mode === 'floor';
  const limits = isShared ? SHARED : batch.some(({ isBulk }) => isBulk) ? BULK : USUAL;
  const how = { limits, hasTransactionTimeout, takesLock: !isShared, publishes: isShared };
  const works = batch.map(({ work }) => work);
  for (let repeats = 0; ; repeats += 1) {
    try {
      const { results, reached } = await lane.use((db) => commit(db, works, how), limits.answerMs);
      onCommit(reached);
      return results;
    } catch (error) {
      if (error instanceof SetBack && repeats < REPEATS && (await repairOn(lane, options))) continue;
      if (isSerialization(error) && repeats < REPEATS) continue;
      if (!isShared && isLockTimeout(error) && performance.now() - since < PATIENCE_MS) continue;
      const again = isLockTimeout(error) || isOvertaken(error);
      return batch.map(() => ({ error, again }));
    }
  }
};

/** Never throws. A call that is overtaken each time locks its whole selection the last time. */
const executeOne = async (lane: Lane, call: Call, options: WriterOptions): Promise<Result> => {
  const { order, hasTransactionTimeout, onCommit } = options;
  const since = performance.now();
  const limits = call.isBulk ? BULK : USUAL;
  const how = { limits, hasTransactionTimeout, takesLock: call.isRare, publishes: false };
  for (let repeats = 0; ; repeats += 1) {
    const locksLarge = repeats >= REPEATS;
    const use = (db: Connection) =>
      commit({ ...db, order: { ...order, publishesLate: true, locksLarge } }, [call.work], how);
    try {
      const { results, reached } = await lane.use(use, limits.answerMs);
      onCommit(reached);
      return results[0] as Result;
    } catch (error) {
      if (error instanceof SetBack && repeats < REPEATS && (await repairOn(lane, options))) continue;
      if ((isSerialization(error) || isOvertaken(error)) && repeats <= REPEATS) continue;
      if (isLockTimeout(error) && performance.now() - since < PATIENCE_MS) continue;
      return { error, again: false };
    }
  }
};

/** False if it failed: the call that noticed fails, and the next one tries again. */
const repairOn = async (lane: Lane, { onSetBack }: WriterOptions): Promise<boolean> => {
  try {
    if (await lane.use((db) => repair(db, STORE_LOCK))) onSetBack();
    return true;
  } catch {
    return false;
  }
};
