/** Inserts the rows of one source, many per statement, and sets rejected rows aside, up to the limit. */
import type Sqlite from 'better-sqlite3';
import type { ColumnShape } from '../../../databases/database.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import type { StoredForm } from '../../../databases/sqlite/types/stored-value.ts';
import { rowError } from '../../../jobs/kind.ts';
import type { CheckedReferences } from '../checkpoint.ts';
import type { Source } from '../details.ts';
import type { BadRow, Reject } from '../port.ts';
import type { Cell, RowBlock } from '../rows.ts';
import { ColumnMisfit, type Row, valuesOf } from './bound-values.ts';
import { rowidColumn } from './columns.ts';
import { CONFLICT, type PutRows } from './put-rows.ts';
import type { RowOrigin, Settled } from './references.ts';
import { explain, isRowError, literalsOf, type Reason } from './row-errors.ts';

/** The destination of a job's rows: a table of its own that is hidden until the end, or an existing table. */
export interface Destination {
  /** The job's object in the target until its rows are published. Without this object, the job's position is lost. */
  readonly ownTable: string;
  /** Creates the job's objects in the target, in the job's first transaction. All methods run inside a transaction. */
  create(): void;
  /** Returns the inserter for a source, renewed after a change of the table. @throws Error if the table is gone */
  inserter(source: Source): Insert;
  /** Sets aside some of the rows that refer to rows that do not exist, after those that were checked. */
  checkReferences(from: CheckedReferences, maxRejects: number): Settled;
  /** @throws Error if the imported rows could not be published */
  checkEnd(): void;
  /** Makes the rows visible, and removes everything else that the job created. */
  publish(): void;
}

/** Inserts the rows from one index to another of a block, inside a transaction. */
export type Insert = (block: RowBlock, from: number, to: number, maxRejects: number) => Inserted;

export interface Inserted {
  readonly rows: number;
  readonly rejected: number;
  /** The rows that conflicted with others and were skipped, replaced them or updated them. */
  readonly conflicts: number;
  /** The index after the last row that was processed, or of the bad row if there is one. */
  readonly to: number;
  /** The row that exceeded the limit of rejected rows. */
  readonly bad: BadRow | null;
}

/** The table that the rows are inserted into. */
export interface Into {
  readonly table: string;
  readonly columns: readonly ColumnShape[];
  /** For each column, how its values are stored; null if any value is stored as it is. */
  readonly forms: readonly (StoredForm | null)[];
  readonly verb: 'INSERT' | 'INSERT OR ABORT';
  /** The clause after the values. With `DO NOTHING`, a row that is not inserted conflicts with another one. */
  readonly clause: '' | ' ON CONFLICT DO NOTHING';
  /**
   * Same as `prepare`, for one row that may conflict with others: the result may also return CONFLICT. Null if such a
   * row is a bad row.
   */
  readonly resolve: ((insert: string, filled: readonly string[]) => PutRows) | null;
  /** Called after each row that was inserted, with its origin; null if that is not needed. */
  readonly inserted: ((origin: RowOrigin) => void) | null;
  /** Insert each row with a statement of its own. */
  readonly singly: boolean;
  /** Prepares an INSERT into these columns, without RETURNING. The result returns how many rows it inserted. */
  prepare(insert: string, filled: readonly string[]): PutRows;
  /** Called after the last row of a slice. */
  record(): void;
}

// Measured: fewer rows add the overhead of calls, more rows add SQLite's own overhead per statement.
const ROWS_A_STATEMENT = 16;
const MAX_VARIABLES = 32_766;

type SetAside = (reject: Omit<Reject, 'id'>) => void;

export const inserterOf = (sql: Sqlite.Database, into: Into, source: Source, setAside: SetAside): Insert => {
  const insertOf = onceForEach((fields) => inserterInto(sql, into, { url: source.url, fields }, setAside));
  const insert = byShape(insertOf, source.fields);
  return (...slice) => {
    const inserted = insert(...slice);
    into.record();
    return inserted;
  };
};

// Bounds the number of statements when every object has different keys.
const MAX_KEPT = 64;

/** Returns a function that returns the inserter for a list of columns, prepared once for the same array. */
const onceForEach = (prepare: (fields: readonly number[]) => Insert) => {
  const kept = new Map<readonly number[], Insert>();
  return (fields: readonly number[]): Insert => {
    const known = kept.get(fields);
    if (known !== undefined) return known;
    if (kept.size >= MAX_KEPT) kept.clear();
    const insert = prepare(fields);
    kept.set(fields, insert);
    return insert;
  };
};

/** Inserts each run of rows that fill the same columns with the inserter for those columns. */
const byShape =
  (insertOf: (fields: readonly number[]) => Insert, all: readonly number[]): Insert =>
  (block, from, to, maxRejects) => {
    let sum: Inserted = { rows: 0, rejected: 0, conflicts: 0, to: from, bad: null };
    while (sum.to < to && sum.bad === null) {
      const fields = block.shapes?.[sum.to] ?? all;
      const end = endOf(block, fields, sum.to, to);
      const { rows, rejected, conflicts, ...rest } = insertOf(fields)(block, sum.to, end, maxRejects - sum.rejected);
      sum = {
        rows: sum.rows + rows,
        rejected: sum.rejected + rejected,
        conflicts: sum.conflicts + conflicts,
        ...rest,
      };
    }
    return sum;
  };

const endOf = ({ shapes }: RowBlock, fields: readonly number[], from: number, to: number): number => {
  if (shapes === undefined) return to;
  let end = from + 1;
  while (end < to && shapes[end] === fields) end++;
  return end;
};

/** Inserts rows that all fill the same columns. */
const inserterInto = (
  sql: Sqlite.Database,
  into: Into,
  source: Pick<Source, 'url' | 'fields'>,
  setAside: SetAside,
): Insert => {
  const filled = source.fields.flatMap((index) => into.columns[index] ?? []);
  const rowsAtOnce = into.singly
    ? 1
    : Math.max(1, Math.min(ROWS_A_STATEMENT, Math.floor(MAX_VARIABLES / filled.length)));
  const check = rowCheck(filled, rowidColumn(into.columns));
  const forms = source.fields.map((index) => into.forms[index] ?? null);
  const put = putterOf(sql, into, filled, forms);
  const isFixed = literalsOf(sql);
  const putMany = put(rowsAtOnce);
  const putOne = put(1, into.resolve ?? into.prepare);

  /** The number of inserted rows, CONFLICT, or the reason why this row is rejected. */
  const insertOne = (block: RowBlock, at: number): number | BadRow => {
    const isFatal = block.faults.get(at)?.isFatal === true;
    const line = block.lines[at] ?? 0;
    const row = { source: source.url, line, lastLine: block.lastLine(at), text: block.text(at), isFatal };
    const malformed = check(block, at);
    if (malformed !== null) return { ...row, column: malformed.column, reason: malformed.message, value: row.text };
    const result = putOne(block.rows, at);
    if (typeof result === 'number') {
      if (result === 1) into.inserted?.(row);
      return result;
    }
    if (result instanceof ColumnMisfit) {
      const { index, reason } = result;
      return { ...row, column: filled[index]?.name ?? null, reason, value: textOf(block.rows[at]?.[index] ?? null) };
    }
    const { column, message } = explain(result, into.table, into.columns, isFixed);
    const value = block.rows[at]?.[filled.findIndex(({ name }) => name === column)] ?? null;
    return { ...row, column, reason: message, value: column === null ? row.text : textOf(value) };
  };

  return (block, from, to, maxRejects) => {
    let rows = 0;
    let rejected = 0;
    let conflicts = 0;
    // Where rows conflict, the next ones often do, and a statement that fails costs more than one for each row.
    let isSingle = false;
    const count = (outcome: number, of: number) => {
      rows += Math.max(0, outcome);
      if (outcome === CONFLICT) conflicts++;
      else if (into.clause !== '') conflicts += of - outcome;
    };
    for (let at = from; at < to; ) {
      const stop = Math.min(at + rowsAtOnce, to);
      const isWhole =
        into.inserted === null && stop - at === rowsAtOnce && !isSingle && isWellFormed(check, block, at, stop);
      const many = isWhole ? putMany(block.rows, at) : null;
      const before = conflicts;
      if (typeof many === 'number') {
        count(many, rowsAtOnce);
        at = stop;
      }
      // A failed statement is rolled back as a whole: insert the same rows one by one to find the bad one.
      for (; at < stop; at++) {
        const result = insertOne(block, at);
        if (typeof result === 'number') {
          count(result, 1);
          continue;
        }
        if (rejected === maxRejects || result.isFatal) return { rows, rejected, conflicts, to: at, bad: result };
        const { value: _value, isFatal: _isFatal, ...reject } = result;
        setAside(reject);
        rejected++;
      }
      isSingle = into.resolve !== null && conflicts > before;
    }
    return { rows, rejected, conflicts, to, bad: null };
  };
};

const textOf = (value: Cell): string | null => (value === null ? null : String(value));

/**
 * Returns a function that prepares an INSERT of `count` rows. The prepared function inserts the rows from an index on,
 * and returns how many it inserted, or why it inserted none: SQLite's error, or a value that does not fit.
 */
const putterOf = (
  sql: Sqlite.Database,
  into: Into,
  filled: readonly ColumnShape[],
  forms: readonly (StoredForm | null)[],
) => {
  const names = filled.map(({ name }) => name);
  const marks = `(${filled.map(() => '?').join(', ')})`;
  const values = valuesOf(forms);
  return (count: number, prepare: Prepare = into.prepare) => {
    const lists = Array(count).fill(marks).join(', ');
    const insert = `${into.verb} INTO ${quote(into.table)} (${names.map(quote).join(', ')}) VALUES ${lists}`;
    const put = prepare(`${insert}${into.clause}`, names);
    return (rows: readonly Row[], from: number): number | Error | ColumnMisfit => {
      const bound = values(rows, from, from + count);
      if (bound instanceof ColumnMisfit) return bound;
      try {
        return put(bound);
      } catch (error) {
        if (!isRowError(error)) throw error;
        // Without the transaction, each further row would be committed on its own.
        if (!sql.inTransaction) {
          const shown = 'a row made the table roll back all others with it';
          throw rowError(`${shown}: ${error.message}`, shown);
        }
        return error;
      }
    };
  };
};

type Prepare = Into['prepare'];

type RowCheck = (block: RowBlock, at: number) => Reason | null;

const isWellFormed = (check: RowCheck, block: RowBlock, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (check(block, at) !== null) return false;
  return true;
};

/** Returns the check that finds malformed rows before SQLite sees them. */
const rowCheck = (filled: readonly ColumnShape[], rowid: ColumnShape | undefined): RowCheck => {
  const width = filled.length;
  // SQLite would assign a number, even if the column is NOT NULL.
  const key = filled.findIndex((column) => column === rowid && !column.nullable);
  return (block, at) => {
    const fault = block.faults.get(at);
    if (fault !== undefined) return { column: filled[(fault.column ?? 0) - 1]?.name ?? null, message: fault.reason };
    const row = block.rows[at] ?? [];
    if (row.length !== width) return { column: null, message: `${row.length} fields, expected ${width}` };
    if (key !== -1 && row[key] === null) return { column: filled[key]?.name ?? null, message: 'NULL is not allowed' };
    return null;
  };
};
