/**
 * The order of writes. Every writing transaction first takes the store lock, in a statement of its own, and holds it to
 * its commit. Numbers of events and revisions are drawn under it, so that their order is the order of the commits: if
 * an event is visible, all smaller ones are decided.
 */
import { sql } from '../sql.ts';
import type { Connection } from './connection.ts';
import { CLOCK } from './holds.ts';

/** Any two numbers that other programs on the same database are unlikely to use. */
const LOCK = '1397640012, 2';

/** What keeps a transaction from holding the lock for long, in milliseconds. */
export interface Limits {
  readonly statementMs: number;
  readonly transactionMs: number;
  /** How long an answer is waited for, also from a server that does not answer at all. */
  readonly answerMs: number;
}
export const USUAL: Limits = { statementMs: 30_000, transactionMs: 60_000, answerMs: 35_000 };
/** A command on a million jobs. */
export const BULK: Limits = { statementMs: 120_000, transactionMs: 180_000, answerMs: 130_000 };
const LOCK_WAIT_MS = 5_000;
const IDLE_MS = 5_000;

/** Begins a transaction that writes. Returns the database's time. */
export const begin = async (db: Connection, limits: Limits, hasTransactionTimeout: boolean): Promise<number> => {
  await db.script(`BEGIN; SET LOCAL lock_timeout = ${LOCK_WAIT_MS}; SET LOCAL statement_timeout = ${limits.statementMs};
    SET LOCAL idle_in_transaction_session_timeout = ${IDLE_MS}; SET LOCAL jit = off;
    ${hasTransactionTimeout ? `SET LOCAL transaction_timeout = ${limits.transactionMs};` : ''}
    SELECT pg_advisory_xact_lock(${LOCK})`);
  return timeOf(db);
};

/** In milliseconds. */
const timeOf = async (db: Connection): Promise<number> => {
  const [row] = await db.rows<{ readonly now: number }>(sql`SELECT ${CLOCK} AS now`);
  if (row === undefined) throw new Error('PostgreSQL has no clock');
  return row.now;
};

/** Since version 17. */
export const knowsTransactionTimeout = async (db: Connection): Promise<boolean> => {
  const [row] = await db.script<{ readonly version: string }>(
    `SELECT current_setting('server_version_num') AS version`,
  );
  return Number(row?.version) >= 170_000;
};
