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
export type Insert = (block: CsvBlock, from: number, to: number) => void;

type Row = readonly (string | null)[];

// Measured: fewer cost calls, more cost SQLite's own bookkeeping for a statement.
const ROWS_A_STATEMENT = 16;
const MAX_VARIABLES = 32_766;

export const inserterOf = (
  sql: Sqlite.Database,
  table: string,
  columns: readonly ColumnShape[],
  { url, fields }: Source,
): Insert => {
  const filled = fields.flatMap((index) => columns[index] ?? []);
  const names = filled.map(({ name }) => quote(name)).join(', ');
  const marks = `(${filled.map(() => '?').join(', ')})`;
  const statement = (rows: number) =>
    sql.prepare(`INSERT INTO ${quote(table)} (${names}) VALUES ${Array(rows).fill(marks).join(', ')}`);
  const rowsAtOnce = Math.max(1, Math.min(ROWS_A_STATEMENT, Math.floor(MAX_VARIABLES / filled.length)));
  const many = statement(rowsAtOnce);
  const one = statement(1);
  const values = valuesOf(filled);
  const wrong = rowCheck(filled, rowidColumn(columns));
  const refused = (line: number, place: string, message: string) =>
    new Error(`${url} line ${line}${place}: ${message}`);

  const insertOne: Insert = (block, at) => {
    try {
      one.run(values(block.rows, at, at + 1));
    } catch (error) {
      const { column, message } = explain(error, table, columns);
      const row = block.rows[at] ?? [];
      const value = column === null ? `: ${show(block.text(at))}` : `: ${show(row[filled.indexOf(column)] ?? null)}`;
      if (message === null) throw error;
      throw refused(block.lines[at] ?? 0, column === null ? '' : `, column ${column.name}`, message + value);
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
        for (let i = at; i < at + rowsAtOnce; i++) insertOne(block, i, i + 1);
      }
    }
    for (; at < to; at++) insertOne(block, at, at + 1);
  };
  return (block, from, to) => {
    for (let at = from; at < to; at++) {
      const fault = wrong(block, at);
      if (fault === null) continue;
      insertMany(block, from, at); // one of these may be refused, and comes first
      throw refused(block.lines[at] ?? 0, fault.place, `${fault.message}: ${show(block.text(at))}`);
    }
    insertMany(block, from, to);
  };
};

/** Returns what is wrong with a row before SQLite sees it. */
const rowCheck = (filled: readonly ColumnShape[], rowid: ColumnShape | undefined) => {
  const width = filled.length;
  // SQLite would number the row, whatever the column says of NULL.
  const key = filled.findIndex((column) => column === rowid && !column.nullable);
  return (block: CsvBlock, at: number): { readonly place: string; readonly message: string } | null => {
    const fault = block.faults.get(at);
    if (fault !== undefined) {
      const column = filled[(fault.column ?? 0) - 1];
      return { place: column === undefined ? '' : `, column ${column.name}`, message: fault.reason };
    }
    const row = block.rows[at] ?? [];
    if (row.length !== width) return { place: '', message: `${row.length} fields, expected ${width}` };
    if (key !== -1 && row[key] === null)
      return { place: `, column ${filled[key]?.name}`, message: 'NULL is not allowed' };
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

const isRefusal = (error: unknown) => /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/.test(codeOf(error));

interface Explanation {
  /** The column that refused the value, if it was one. */
  readonly column: ColumnShape | null;
  /** Null for an error that is not about the row. */
  readonly message: string | null;
}

const explain = (error: unknown, table: string, columns: readonly ColumnShape[]): Explanation => {
  const code = codeOf(error);
  if (!isRefusal(error) || !(error instanceof Error)) return { column: null, message: null };
  const named = columns.find(({ name }) => error.message.endsWith(` ${table}.${name}`)) ?? null;
  const keys = columns.filter(({ primaryKey }) => primaryKey);
  const key = keys.length === 1 ? (keys[0] ?? null) : null;
  switch (code) {
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
