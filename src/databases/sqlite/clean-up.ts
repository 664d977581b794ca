import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type Environment, Transient, type Work } from '../../jobs/kind.ts';
import { failureOf } from './errors.ts';
import { hasFence, removeFence } from './fence.ts';
import { quote } from './names.ts';
import { openDatabase, type Target } from './open.ts';

const LOCK_WAIT_MS = 1_000;
const LOCK_POLL_MS = 10;
const BATCH_MS = 20;

/**
 * Removes what an ended job keeps in its database: the row that kept its older claims out, and all tables and triggers
 * that are named `own` or begin with `own` and `_`. Those are more than what it means to keep only when the database was
 * away while the job was undone, and came back. A database that is gone took everything with it.
 * @throws Transient when the database is locked for long
 */
export const cleanUp = async (
  { details: { database }, claim }: Work<{ readonly database: string }, unknown>,
  { databaseFile }: Environment,
  own: string,
): Promise<void> => {
  if (databaseFile === null || !existsSync(databaseFile)) return;
  const target = openDatabase(databaseFile, database, { lockWaitMs: 0 });
  try {
    // Rows that leave a table put aside are nobody's to follow.
    target.sql.pragma('foreign_keys = OFF');
    const left = objectsOf(target, own);
    if (left.length === 0 && !hasFence(target.sql, claim)) return;
    // Triggers first: without the tables that they write to, nobody could write to the one that they are of.
    const triggers = left.filter(({ type }) => type === 'trigger').map(({ name }) => name);
    await change(target, () => drop(target, 'TRIGGER', triggers));
    const tables = left.filter(({ type }) => type === 'table').map(({ name }) => name);
    for (const table of tables) await empty(target, table);
    await change(target, () => {
      drop(target, 'TABLE', tables);
      removeFence(target.sql, claim);
    });
  } catch (error) {
    throw failureOf(error, database);
  } finally {
    target.close();
  }
};

export interface OwnObject {
  readonly type: 'table' | 'trigger';
  readonly name: string;
}

/** What a job has in its database under the name of its own. */
export const objectsOf = ({ sql }: Pick<Target, 'sql'>, own: string): readonly OwnObject[] => {
  const find = sql.prepare(
    "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'trigger') AND (name = @own OR substr(name, 1, length(@own) + 1) = @own || '_')",
  );
  return find.all({ own }) as OwnObject[];
};

const drop = ({ sql }: Target, type: 'TABLE' | 'TRIGGER', names: readonly string[]) => {
  for (const name of names) sql.exec(`DROP ${type} IF EXISTS ${quote(name)}`);
};

/** Dropping a large table is one statement that nobody can interrupt: its rows go before, a few at a time. */
const empty = async (target: Target, table: string) => {
  const remove = target.sql.prepare(`DELETE FROM ${quote(table)} LIMIT ?`);
  let rows = 1_000;
  for (let isMore = true; isMore; ) {
    const startedAt = performance.now();
    await change(target, () => {
      isMore = remove.run(rows).changes === rows;
    });
    rows = Math.max(1, Math.round(rows * Math.min(2, BATCH_MS / (performance.now() - startedAt))));
  }
};

/** One transaction. While somebody else writes there, this thread answers other questions. */
const change = async (target: Target, make: () => void) => {
  const until = performance.now() + LOCK_WAIT_MS;
  while (!target.tryBegin()) {
    if (performance.now() > until) throw new Transient(`database ${target.name} is locked`);
    await wait(LOCK_POLL_MS);
  }
  try {
    make();
    target.commit();
  } finally {
    target.rollback();
  }
};
