/** Explains why the new table rejects a row. */

import { show } from '../../../databases/show.ts';
import { codeOf } from '../../../databases/sqlite/errors.ts';

/** Whether SQLite rejected the row. The expression of an index may also fail for some value. */
export const isRowError = (error: unknown): error is Error =>
  /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|ERROR)/.test(codeOf(error));

export interface RowFault {
  /** The offending columns under their new names, as far as they are known. */
  readonly columns: readonly string[];
  readonly reason: string;
  /** The reason for those who may not read rows, if it may contain values. */
  readonly shown?: string;
}

/** Explains an error about a row. The message must not name the hidden table. */
export const explain = (
  error: Error,
  hidden: string,
  columns: readonly string[],
  indexes: readonly string[],
): RowFault => {
  const { message } = error;
  const code = codeOf(error).replace('SQLITE_CONSTRAINT_', '');
  const at = message.indexOf(` ${hidden}.`);
  const parts = at === -1 ? '' : message.slice(at + 1);
  // A name may contain the separator, so the columns are chosen whose names make up the whole text.
  const named = columnsIn(parts, hidden, columns);
  if (code === 'NOTNULL') return { columns: named, reason: 'NULL is not allowed' };
  if (code === 'DATATYPE') return { columns: named, reason: message.slice(0, at) };
  if (code === 'CHECK') return { columns: [], reason: message };
  if (/^(UNIQUE|PRIMARYKEY|ROWID)$/.test(code)) {
    // SQLite names an index with an expression; its number is the position of the index.
    const index = indexes[Number(/_(\d+)'$/.exec(message)?.[1]) - 1];
    if (named.length === 0 && index !== undefined) {
      return { columns: [], reason: `another row has the same values in index ${show(index)}` };
    }
    const reason =
      named.length === 0 ? message : `another row has the same ${named.map((name) => show(name)).join(', ')}`;
    return { columns: named, reason: reason.replaceAll(hidden, 'the table') };
  }
  const text = message.replaceAll(hidden, 'the table');
  // Functions such as json_extract() name the value that they cannot use.
  return {
    columns: [],
    reason: text,
    ...(code === 'SQLITE_ERROR' ? { shown: 'an expression cannot be evaluated' } : {}),
  };
};

const columnsIn = (parts: string, hidden: string, columns: readonly string[]): readonly string[] => {
  if (parts === '') return [];
  for (const name of columns) {
    const own = `${hidden}.${name}`;
    if (parts === own) return [name];
    if (!parts.startsWith(`${own}, `)) continue;
    const rest = columnsIn(parts.slice(own.length + 2), hidden, columns);
    if (rest.length > 0) return [name, ...rest];
  }
  return [];
};
