/** Explains why SQLite rejects a row. */
import type Sqlite from 'better-sqlite3';
import type { ColumnShape } from '../../../databases/database.ts';
import { codeOf } from '../../../databases/sqlite/errors.ts';
import { isReserved } from '../../../databases/sqlite/names.ts';

export interface Reason {
  /** Null if the reason concerns the whole row. */
  readonly column: string | null;
  readonly message: string;
}

/** Whether SQLite rejected the row rather than the statement. */
export const isRowError = (error: unknown): error is Error =>
  /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/.test(codeOf(error));

/**
 * Translates an error about a row. The message must not name a hidden table, or contain a value of the row.
 * @param isFixed whether a trigger has this message as a literal; otherwise the message may contain values
 */
export const explain = (
  error: Error,
  table: string,
  columns: readonly ColumnShape[],
  isFixed: (message: string) => boolean,
): Reason => {
  const { message } = error;
  const code = codeOf(error).replace('SQLITE_CONSTRAINT_', '');
  if (code === 'FOREIGNKEY') return { column: null, message: 'it refers to a row that does not exist' };
  if (code === 'TRIGGER')
    return { column: null, message: `rejected by a trigger${isFixed(message) ? `: ${message}` : ''}` };
  const keys = columns.filter(({ primaryKey }) => primaryKey).map(({ name }) => name);
  const key = keys.length === 1 ? (keys[0] ?? null) : null;
  if (code === 'SQLITE_MISMATCH') return { column: key, message: 'cannot store this value in INTEGER column' };
  const at = message.indexOf(` ${table}.`);
  // The error concerns a row that a trigger wrote to another table, or an index without columns.
  if (at === -1) return { column: null, message: isHidden(table) ? message.replaceAll(table, 'the table') : message };
  const parts = message.slice(at + 1);
  const column = columns.find(({ name }) => parts === `${table}.${name}`)?.name ?? null;
  if (code === 'NOTNULL') return { column, message: 'NULL is not allowed' };
  if (code === 'DATATYPE') return { column, message: message.slice(0, at) };
  if (parts === keys.map((name) => `${table}.${name}`).join(', ')) {
    return { column, message: 'duplicate primary key' };
  }
  const names = parts.split(', ').map((part) => (part.startsWith(`${table}.`) ? part.slice(table.length + 1) : part));
  return { column, message: `duplicate ${names.join(', ')}` };
};

/** The name of a table that the import creates. A name of the user's is left as it is: it can be part of other words. */
const isHidden = (table: string): boolean => isReserved(table);

/** Returns whether a text is a literal in some trigger of the database. */
export const literalsOf = (sql: Sqlite.Database): ((text: string) => boolean) => {
  const find = sql
    .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND (instr(sql, ?) > 0 OR instr(sql, ?) > 0)")
    .pluck();
  return (text) => find.get(`'${text.replaceAll("'", "''")}'`, `"${text.replaceAll('"', '""')}"`) !== undefined;
};
