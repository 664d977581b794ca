/** Writes rows of one source, many to a statement, and says which row, column and value was refused. */
import type Sqlite from 'better-sqlite3';
import type { ColumnShape } from '../../databases/database.ts';
import { codeOf } from '../../databases/failures.ts';
import { quote } from '../../databases/names.ts';
import { rowidColumn } from './columns.ts';
import type { CsvBlock } from './csv.ts';
import type { Source } from './details.ts';
import { show } from './show.ts';

/** Inserts the rows from one index to another of a block, inside a transaction. @throws Error naming the first bad row */
type Insert = (block: CsvBlock, from: number, to: number) => void;

type Row = readonly (string | null)[];

// Measured: fewer cost calls, more cost SQLite's own bookkeeping for a statement.
const ROWS_A_STATEMENT = 16;
const MAX_VARIABLES = 32_766;

export const inserterOf = (
  sql: Sqlite.Database,
  table: string,
  columns: readonly ColumnShape[],
  source: Source,
): Insert => {
  const filled = source.fields.flatMap((index) => columns[index] ?? []);
  const wrong = rowCheck(filled, rowidColumn(columns));
  const values = valuesOf(filled);
  const rowsAtOnce = Math.max(1, Math.min(ROWS_A_STATEMENT, Math.floor(MAX_VARIABLES / filled.length)));
  const many = prepareInsert(sql, table, filled, rowsAtOnce);
  const one = prepareInsert(sql, table, filled, 1);

  const insertOne = (block: CsvBlock, at: number) => {
    try {
      one.run(values(block.rows, at, at + 1));
    } catch (error) {
      const reason = isRefusal(error) ? explain(error, table, columns) : null;
      if (reason === null) throw error;
      const value = block.rows[at]?.[filled.findIndex(({ name }) => name === reason.column)];
      throw badRow(source, block, at, reason, reason.column === null ? block.text(at) : (value ?? null));
    }
  };
  const insertMany = (block: CsvBlock, from: number, to: number) => {
    let at = from;
    for (; at + rowsAtOnce <= to; at += rowsAtOnce) {
      try {
        many.run(values(block.rows, at, at + rowsAtOnce));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        // A statement that fails takes back all that it did: the same rows again, to find the one.
        for (let i = at; i < at + rowsAtOnce; i++) insertOne(block, i);
      }
    }
    for (; at < to; at++) insertOne(block, at);
  };
  return (block, from, to) => {
    for (let at = from; at < to; at++) {
      const reason = wrong(block, at);
      if (reason === null) continue;
      insertMany(block, from, at); // one of these may be refused, and comes first
      throw badRow(source, block, at, reason, block.text(at));
    }
    insertMany(block, from, to);
  };
};

const prepareInsert = (sql: Sqlite.Database, table: string, filled: readonly ColumnShape[], rows: number) => {
  const names = filled.map(({ name }) => quote(name)).join(', ');
  const marks = `(${filled.map(() => '?').join(', ')})`;
  return sql.prepare(`INSERT INTO ${quote(table)} (${names}) VALUES ${Array(rows).fill(marks).join(', ')}`);
};

/** Why a row is refused. */
interface Reason {
  /** Null when it is the whole row. */
  readonly column: string | null;
  readonly message: string;
}

const badRow = ({ url }: Source, block: CsvBlock, at: number, { column, message }: Reason, value: string | null) =>
  new Error(`${url} line ${block.lines[at]}${column === null ? '' : `, column ${column}`}: ${message}: ${show(value)}`);

/** Returns what is wrong with a row before SQLite sees it. */
const rowCheck = (filled: readonly ColumnShape[], rowid: ColumnShape | undefined) => {
  const width = filled.length;
  // SQLite would number the row, whatever the column says of NULL.
  const key = filled.findIndex((column) => column === rowid && !column.nullable);
  return (block: CsvBlock, at: number): Reason | null => {
    const fault = block.faults.get(at);
    if (fault !== undefined) return { column: filled[(fault.column ?? 0) - 1]?.name ?? null, message: fault.reason };
    const row = block.rows[at] ?? [];
    if (row.length !== width) return { column: null, message: `${row.length} fields, expected ${width}` };
    if (key !== -1 && row[key] === null) return { column: filled[key]?.name ?? null, message: 'NULL is not allowed' };
    return null;
  };
};

/** Returns what binds a run of rows, one behind the other. SQLite makes no bytes of text: for a BLOB it is done here. */
const valuesOf = (filled: readonly ColumnShape[]) => {
  const width = filled.length;
  const blobs = filled.flatMap(({ type }, i) => (/^blob$/i.test(type) ? [i] : []));
  return (rows: readonly Row[], from: number, to: number): (string | Buffer | null)[] => {
    const values = new Array<string | Buffer | null>((to - from) * width);
    let place = 0;
    for (let at = from; at < to; at++) {
      const row = rows[at] ?? [];
      for (const i of blobs) {
        const text = row[i] ?? null;
        values[place + i] = text === null ? null : Buffer.from(text);
      }
      for (let i = 0; i < width; i++) values[place + i] ??= row[i] ?? null;
      place += width;
    }
    return values;
  };
};

const isRefusal = (error: unknown): error is Error => /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/.test(codeOf(error));

const explain = (error: Error, table: string, columns: readonly ColumnShape[]): Reason => {
  const named = columns.find(({ name }) => error.message.endsWith(` ${table}.${name}`))?.name ?? null;
  const keys = columns.filter(({ primaryKey }) => primaryKey);
  const key = keys.length === 1 ? (keys[0]?.name ?? null) : null;
  switch (codeOf(error)) {
    case 'SQLITE_CONSTRAINT_NOTNULL':
      return { column: named, message: 'NULL is not allowed' };
    case 'SQLITE_CONSTRAINT_DATATYPE':
      return { column: named, message: error.message.slice(0, error.message.indexOf(` ${table}.`)) };
    case 'SQLITE_CONSTRAINT_PRIMARYKEY':
    case 'SQLITE_CONSTRAINT_UNIQUE':
    case 'SQLITE_CONSTRAINT_ROWID':
      return { column: key, message: 'a row with this primary key is there already' };
    case 'SQLITE_MISMATCH':
      return { column: key, message: 'cannot store this value in INTEGER column' };
    default:
      return { column: null, message: error.message.replaceAll(table, 'the table') };
  }
};
