import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { failureOf } from '../../databases/failures.ts';
import { isEntered, removeEntry } from '../../databases/fence.ts';
import { quote } from '../../databases/names.ts';
import { openDatabase, type Target } from '../../databases/sqlite.ts';
import { type Places, Transient, type Work } from '../../jobs/kind.ts';
import { type Checkpoint, type Details, hiddenTable } from './details.ts';

const LOCK_WAIT_MS = 1_000;
const LOCK_POLL_MS = 10;
const BATCH_MS = 20;

/**
 * Removes what an ended import keeps in its target: the row that kept its older claims out, the bad rows that it set
 * aside, and whatever else bears its name. That is something only when the database was away while the job was undone,
 * and came back. A database that is gone took everything with it.
 * @throws Transient when the database is locked for long
 */
export async function forget(
  { details: { database }, claim }: Work<Details, Checkpoint | null>,
  { databaseFile }: Places,
): Promise<void> {
  if (databaseFile === null || !existsSync(databaseFile)) return;
  const target = openDatabase(databaseFile, database, { lockWaitMs: 0 });
  try {
    const left = leftBy(target, claim.jobId);
    if (left.length === 0 && !isEntered(target.sql, claim)) return;
    // Triggers first: without the tables that they write to, nobody could write to the one that they are of.
    const triggers = left.filter(({ type }) => type === 'trigger').map(({ name }) => name);
    await change(target, () => drop(target, 'TRIGGER', triggers));
    const tables = left.filter(({ type }) => type === 'table').map(({ name }) => name);
    for (const table of tables) await empty(target, table);
    await change(target, () => {
      drop(target, 'TABLE', tables);
      removeEntry(target.sql, claim);
    });
  } catch (error) {
    throw failureOf(error, database);
  } finally {
    target.close();
  }
}

interface Left {
  readonly type: string;
  readonly name: string;
}

const leftBy = ({ sql }: Target, jobId: string): readonly Left[] => {
  const own = hiddenTable(jobId);
  const find = sql.prepare(
    "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'trigger') AND (name = @own OR substr(name, 1, length(@own) + 1) = @own || '_')",
  );
  return find.all({ own }) as Left[];
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
