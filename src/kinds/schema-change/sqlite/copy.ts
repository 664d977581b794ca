/**
 * The hidden copy of one table. At the end of each transaction, every row in the copy equals the row that the table has
 * under the same key, except for noted keys: all of their rows are first deleted from the copy and then inserted again
 * in their current state. So two rows may swap unique values between two batches, and a constraint violated in the copy
 * is violated in the table. Everything runs inside a transaction of the caller.
 */
import type Sqlite from 'better-sqlite3';
import { createSizer, type Sizer } from '../../../databases/batch-sizer.ts';
import { show } from '../../../databases/show.ts';
import { createInParts } from '../../../databases/sqlite/lock-fairness.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { hide } from '../../../databases/sqlite/rename.ts';
import { rowError } from '../../../jobs/kind.ts';
import type { CopyCheckpoint, SchemaChangeCheckpoint } from '../checkpoint.ts';
import { type CopySql, copySql, type Rows } from './copy-sql.ts';
import { openForeignKeyChecks, parentReason, violatedBy } from './foreign-keys.ts';
import { noted } from './key-sql.ts';
import type { CopyNames } from './names.ts';
import { explain, isRowError, type RowFault } from './row-errors.ts';
import type { ForeignKeyPlan, TablePlan } from './table-plan.ts';
import { entriesOf } from './unique-entries.ts';
import { createWatch } from './watch.ts';

/** The position of a schema change in a SQLite database. */
export interface SqliteCheckpoint extends SchemaChangeCheckpoint {
  readonly copies: readonly SqliteCopyCheckpoint[];
}

export interface SqliteCopyCheckpoint extends CopyCheckpoint {
  /** A hash of the statements before and after, used to detect that another program has changed the table. */
  readonly shape: string;
  /** Whether rows have been copied, so that the cursor exists. */
  readonly isBegun: boolean;
  /** For notes up to this one, the rows have been deleted from the copy. */
  readonly removedUpTo: number;
}

export interface Copy {
  readonly table: TablePlan;
  readonly names: CopyNames;
  /** Applies the changes of writers, until this time of `performance.now()` and slightly past it. */
  catchUp(checkpoint: SqliteCopyCheckpoint, until: number): SqliteCopyCheckpoint;
  /** Whether there are no changes left to apply. */
  isUpToDate(): boolean;
  /** Checks what can only be checked at the end. @throws Error naming a row */
  checkBeforeSwap(): void;
  /** Copies further rows until that time. Only valid while the copy is up to date. */
  copyRows(checkpoint: SqliteCopyCheckpoint, until: number): SqliteCopyCheckpoint;
}

/** The rowid of a marker row with no row before it: VACUUM changes it to 1. */
const MARK = 2;

/** Creates the hidden objects and the triggers. All indexes are created while the copy is empty. */
export const createCopy = (sql: Sqlite.Database, table: TablePlan, names: CopyNames): void => {
  for (const statement of hiddenCopy(table, names).statements) sql.prepare(statement).run();
  sql.exec(`CREATE TABLE ${quote(names.cursor)} (side INTEGER PRIMARY KEY, ${noted(table.key).join(', ')})`);
  if (table.isRenumbered) {
    sql.exec(`CREATE TABLE ${quote(names.mark)} (a); INSERT INTO ${quote(names.mark)} (_rowid_) VALUES (${MARK})`);
  }
  createWatch(sql, table, names);
};

export const hiddenCopy = ({ after, copied }: TablePlan, { copy }: CopyNames) =>
  hide(
    copied,
    after.indexes.map((index) => index.sql),
    copy,
  );

/** @throws Error if a VACUUM has renumbered the rows */
export const checkVacuum = (sql: Sqlite.Database, { name, isRenumbered }: TablePlan, { mark }: CopyNames): void => {
  if (!isRenumbered) return;
  const marked = sql.prepare(`SELECT _rowid_ FROM ${quote(mark)}`).pluck();
  if (marked.get() === MARK) return;
  const cause = 'VACUUM ran while the job was in progress, and it renumbers the rows of a table without a key';
  throw new Error(`${cause}: the rows of ${show(name)} can no longer be identified`);
};

// The number of notes between two clock checks, at first. In a larger batch, more notes share a key.
const FIRST_NOTES = 32;
const FIRST_ROWS = 100;
const NOTE = { note: true } as const;

export const openCopy = (sql: Sqlite.Database, table: TablePlan, names: CopyNames): Copy => {
  const text = copySql(table, names, entriesOf(sql, table, names));
  const prepared = preparer(sql);
  const [putPart, putWhole] = [true, false].map((isPartial) => ({
    insert: text.insert(NOTE, isPartial),
    record: text.record(NOTE, isPartial),
  })) as [Put, Put];
  const sizers = { out: createSizer({ first: FIRST_NOTES }), back: createSizer({ first: FIRST_NOTES }) };
  const inParts = createInParts(FIRST_ROWS);
  const isNoted = () => prepared(text.isNoted).get() !== undefined;
  const foreignKeys = openForeignKeyChecks(sql, table, names, (foreignKey, row) => parentError(table, foreignKey, row));
  const isUpToDate = () => !isNoted() && !foreignKeys.isNoted();

  /** Handles the notes after a position, each key once. Returns the last note, and whether none follows it. */
  const each = (from: number, until: number, sizer: Sizer, apply: (note: { readonly seq: number }) => void) => {
    const [notes, distinct] = [prepared(text.notes), prepared(text.distinct).pluck()];
    for (let last = from; ; ) {
      const beganAt = performance.now();
      const limit = sizer.sizeFor(until - beganAt);
      const { end, count } = notes.get({ last, limit }) as { readonly end: number | null; readonly count: number };
      for (const seq of distinct.all({ last, end: end ?? last }) as number[]) apply({ seq });
      last = end ?? last;
      const now = performance.now();
      sizer.done(count, now - beganAt);
      if (count < limit) return { last, isAll: true };
      if (now > until) return { last, isAll: false };
    }
  };

  const putBack = ({ isBegun, isComplete }: SqliteCopyCheckpoint, note: { readonly seq: number }) => {
    prepared(text.removeFromCopy).run(note);
    // A row that is still to be copied will be copied in its state at that time.
    if (!isBegun && !isComplete) return;
    const put = isComplete ? putWhole : putPart;
    try {
      prepared(put.insert).run(note);
    } catch (error) {
      throw isRowError(error) ? explained(prepared, text, table, names, 'note', error, note) : error;
    }
    checkLossless(prepared, text, table, NOTE, note);
    for (const record of put.record) prepared(record).run(note);
  };

  return {
    table,
    names,
    isUpToDate,
    checkBeforeSwap: foreignKeys.checkUnpredictable,
    catchUp: (checkpoint, until) => {
      const out = each(checkpoint.removedUpTo, until, sizers.out, (note) => prepared(text.removeFromCopy).run(note));
      if (!out.isAll) return { ...checkpoint, removedUpTo: out.last };
      const back = each(0, until, sizers.back, (note) => putBack(checkpoint, note));
      prepared(text.dropNotes).run({ last: back.last });
      // Note numbers start over in an empty table.
      if (isNoted()) return { ...checkpoint, removedUpTo: out.last };
      foreignKeys.check(until);
      return { ...checkpoint, removedUpTo: 0 };
    },
    copyRows: (checkpoint, until) => {
      let now = checkpoint;
      inParts(until, (rows) => {
        const before = now;
        for (let wanted = rows; before.rows + rows > now.rows && !now.isComplete; ) {
          const next = copyOnce(prepared, text, table, names, now, Math.min(wanted, before.rows + rows - now.rows));
          // A rejected row is located by halving the batch.
          if (next === null) wanted = Math.ceil(wanted / 2);
          else now = next;
        }
        return now.rows - before.rows;
      });
      return now;
    },
  };
};

interface Put {
  readonly insert: string;
  readonly record: readonly string[];
}

type Prepared = (text: string) => Sqlite.Statement;

const preparer = (sql: Sqlite.Database): Prepared => {
  const statements = new Map<string, Sqlite.Statement>();
  return (text) => {
    const statement = statements.get(text) ?? sql.prepare(text);
    statements.set(text, statement);
    return statement;
  };
};

/** One statement. Null if it met a rejected row among several rows; nothing was changed then. */
const copyOnce = (
  prepared: Prepared,
  text: CopySql,
  table: TablePlan,
  names: CopyNames,
  checkpoint: SqliteCopyCheckpoint,
  rows: number,
): SqliteCopyCheckpoint | null => {
  prepared(text.dropBound).run();
  const isBounded = prepared(text.bound(checkpoint.isBegun)).run({ rows }).changes === 1;
  const batch: Rows = { isBegun: checkpoint.isBegun, isBounded };
  try {
    const { changes } = prepared(text.insert(batch)).run();
    checkLossless(prepared, text, table, batch, {});
    for (const record of text.record(batch)) prepared(record).run();
    if (!isBounded) return { ...checkpoint, rows: checkpoint.rows + changes, isBegun: true, isComplete: true };
    for (const statement of text.advance) prepared(statement).run();
    return { ...checkpoint, rows: checkpoint.rows + changes, isBegun: true };
  } catch (error) {
    if (!isRowError(error)) throw error;
    if (rows > 1) return null;
    throw explained(prepared, text, table, names, 'end', error, {});
  }
};

/** @throws Error naming the first row with a value that was not converted losslessly */
const checkLossless = (
  prepared: Prepared,
  text: CopySql,
  { name, key }: TablePlan,
  rows: Rows,
  note: { readonly seq?: number },
) => {
  for (const { column, type, select } of text.lossyValues(rows)) {
    const found = prepared(select).raw().safeIntegers().get(note) as unknown[] | undefined;
    if (found === undefined) continue;
    const value = valueText(found.at(-1));
    const reason = `column ${column}: cannot be converted to ${type} without loss`;
    throw rowError(
      `table ${show(name)}, ${rowName(key, found)}, ${reason}: ${value}`,
      `table ${show(name)}, ${reason}`,
    );
  }
};

const explained = (
  prepared: Prepared,
  text: CopySql,
  table: TablePlan,
  { copy }: CopyNames,
  rows: 'note' | 'end',
  error: Error,
  note: { readonly seq?: number },
): Error => {
  const { name, key, columns, after } = table;
  const violated = violatedBy(error, table);
  const {
    columns: named,
    reason,
    shown: shownReason = reason,
  }: RowFault = violated !== undefined
    ? { columns: violated.columns, reason: parentReason(violated) }
    : explain(
        error,
        copy,
        columns.map((column) => column.name),
        after.indexes.map((index) => index.name),
      );
  const shown = named.flatMap((column) => columns.find((one) => one.name === column)?.from ?? []);
  const found = (prepared(text.show(rows, shown)).raw().safeIntegers().get(note) ?? []) as unknown[];
  const values = found.slice(key.length).map(valueText);
  const at = named.length === 1 ? `, column ${named[0]}` : '';
  const message = `table ${show(name)}, ${rowName(key, found)}${at}: ${reason}`;
  return rowError(
    values.length === 0 ? message : `${message}: ${values.join(', ')}`,
    `table ${show(name)}${at}: ${shownReason}`,
  );
};

const parentError = ({ name, key }: TablePlan, foreignKey: ForeignKeyPlan, row: readonly unknown[]): Error => {
  const at = foreignKey.columns.length === 1 ? `, column ${foreignKey.columns[0]}` : '';
  const values = row.slice(key.length).map(valueText).join(', ');
  const reason = `${at}: ${parentReason(foreignKey)}`;
  return rowError(`table ${show(name)}, ${rowName(key, row)}${reason}: ${values}`, `table ${show(name)}${reason}`);
};

const rowName = (key: TablePlan['key'], row: readonly unknown[]): string =>
  `row with ${key.map(({ from }, i) => `${/^(_rowid_|oid)$/.test(from) ? 'rowid' : from} ${valueText(row[i])}`).join(', ')}`;

const valueText = (value: unknown): string =>
  value === null || typeof value === 'string' ? show(value) : String(value);
