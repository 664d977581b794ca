/**
 * The order of writes. Events and revisions of jobs have numbers of two sequences, which are drawn before the commit.
 * A reader that simply read on from the last number would miss what commits later with a smaller one. There are two
 * ways to prevent that. A store has one of them from its creation, since all its servers have to agree.
 *
 * `lock`: a writing transaction first takes the store lock and holds it to its commit. The order of numbers is then the
 * order of commits: if an event is visible, all smaller ones are decided.
 *
 * `floor`: writers do not wait for each other. Before its first number, each publishes its floor, the last number drawn
 * so far, as the key of a shared advisory lock that it holds to its end. Readers stop at the read horizon, the lesser
 * of the last number drawn and of the lowest floor, read in this order, and then read the rows in a new statement. A
 * number up to the horizon was drawn before the first of these reads, and its writer had published a lower floor
 * before: if the floor is gone, the writer has ended, and its rows are visible. This requires READ COMMITTED, sequences
 * without a cache, and floors that are published outside of savepoints which may still be rolled back. A writer that
 * was delayed between reading its floor and publishing it moves the horizon back; each server keeps the greatest that
 * it has seen. Rare calls, such as those about users, exclude each other by the store lock in this mode too.
 */
import { sql } from '../sql.ts';
import type { Connection } from './connection.ts';
import { SetBack } from './failures.ts';
import { CLOCK } from './holds.ts';
import { isSetBack, SERVER_STATE, type ServerState } from './set-back.ts';
import type { WriteOrder } from './write-order.ts';

/** Any two numbers that other programs on the same database are unlikely to use. */
export const STORE_LOCK = '1397640012, 2';

/** What keeps a transaction from holding locks for long, in milliseconds. */
export interface Limits {
  readonly statementMs: number;
  readonly transactionMs: number;
  /** How long an answer is waited for, also from a server that does not answer at all. */
  readonly answerMs: number;
  readonly lockMs: number;
}
export const USUAL: Limits = { statementMs: 30_000, transactionMs: 60_000, answerMs: 35_000, lockMs: 5_000 };
/** A command on a million jobs. */
export const BULK: Limits = { statementMs: 120_000, transactionMs: 180_000, answerMs: 130_000, lockMs: 5_000 };
/** Calls that share a transaction must not wait for the rows that one of them needs. */
export const SHARED: Limits = { ...USUAL, lockMs: 100 };
const IDLE_MS = 5_000;

export interface Begin {
  readonly limits: Limits;
  readonly hasTransactionTimeout: boolean;
  readonly takesLock: boolean;
  /** Whether both floors are published now, for everything in the transaction. */
  readonly publishes: boolean;
}

/** Begins a transaction that writes. Returns the database's time, in milliseconds. */
export const begin = async (db: Connection, how: Begin): Promise<number> => {
  const { limits, hasTransactionTimeout, takesLock, publishes } = how;
  const [row] = await db.script<ServerState & { readonly now: number }>(`BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL lock_timeout = ${limits.lockMs}; SET LOCAL statement_timeout = ${limits.statementMs};
    SET LOCAL idle_in_transaction_session_timeout = ${IDLE_MS}; SET LOCAL jit = off;
    ${hasTransactionTimeout ? `SET LOCAL transaction_timeout = ${limits.transactionMs};` : ''}
    ${takesLock ? `SELECT pg_advisory_xact_lock(${STORE_LOCK});` : ''}
    ${publishes ? 'SELECT signalbox_publish_floors(true, true);' : ''}
    SELECT ${CLOCK.text} AS now, ${SERVER_STATE}`);
  if (row === undefined) throw new Error('PostgreSQL has no clock');
  if (isSetBack(db.order, row)) throw new SetBack();
  return row.now;
};

/** Has to precede the first number that a call draws. */
export const publishFloors = async (db: Connection, of: 'revisions' | 'cursors' | 'both'): Promise<void> => {
  if (db.order.mode === 'lock' || !db.order.publishesLate) return;
  await db.rows(sql`SELECT signalbox_publish_floors(${of !== 'revisions'}::boolean, ${of !== 'cursors'}::boolean)`);
};

/** Since version 17. */
export const knowsTransactionTimeout = async (db: Connection): Promise<boolean> => {
  const [row] = await db.script<{ readonly version: string }>(
    `SELECT current_setting('server_version_num') AS version`,
  );
  return Number(row?.version) >= 170_000;
};

/**
 * The mode of the store, which the first server to open it chooses: `floor` where the database has what it needs,
 * unless the setting `signalbox.write_order` of the database or of the connection names the other.
 */
export const chooseMode = async (db: Connection): Promise<WriteOrder> => {
  const wanted = (await canPublish(db)) ? DEFAULT_MODE : 'lock';
  const [row] = await db.rows<{ readonly writeOrder: string }>(sql`UPDATE counters SET write_order =
    coalesce(write_order, nullif(current_setting('signalbox.write_order', true), ''), ${wanted}) RETURNING write_order`);
  const mode = row?.writeOrder;
  if (mode === 'lock' || mode === 'floor') return mode;
  throw new Error(`the write order of the job store is ${mode}: this version knows lock and floor`);
};
const DEFAULT_MODE: WriteOrder = 'lock';

const canPublish = async (db: Connection): Promise<boolean> => {
  await db.script('BEGIN');
  try {
    await db.script('SELECT signalbox_publish_floors(true, true); SELECT * FROM signalbox_log(0, 0)');
    return true;
  } catch {
    return false;
  } finally {
    await db.script('ROLLBACK');
  }
};
