/**
 * Brings back the rows of others that an import replaced or updated, and those that foreign keys then deleted or
 * changed, from the log that undo-log.ts wrote: the last step first. Foreign keys are checked at the end of the
 * transaction.
 *
 * A row that somebody changed since belongs to them: it has other values than the import gave it, or its place or its
 * key is in use. A step whose main row is such a row is left as it is.
 */
import type Sqlite from 'better-sqlite3';
import { type Table as CatalogueTable, readTable } from '../../../databases/sqlite/catalogue.ts';
import { codeOf } from '../../../databases/sqlite/errors.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import type { Owner } from '../../../jobs/kind.ts';
import { ownConflicts } from './conflicts.ts';
import { undoNames } from './names.ts';
import { type LoggedTable, loggedColumns, readLoggedTables } from './undo-log.ts';

export interface Undo {
  /** Undoes about this many entries, inside a transaction; false when none is left. */
  step(entries: number): boolean;
}

interface Entry {
  readonly seq: bigint;
  readonly step: bigint;
  readonly tab: bigint;
  readonly op: 'D' | 'U';
  readonly main: bigint;
}

/** @param name the current name of the job's table */
export const openUndo = (sql: Sqlite.Database, owner: Owner, name: string, isOwn: (row: string) => string): Undo => {
  const log = quote(undoNames(owner).log);
  const tables = new Map(
    readLoggedTables(sql, owner).flatMap((logged) => {
      const table = readTable(sql, logged.id === 0 ? name : logged.name);
      return table === undefined
        ? []
        : [[BigInt(logged.id), { table, ...restorerOf(sql, log, table, logged) }] as const];
    }),
  );
  const own = tables.get(0n);
  const read = sql
    .prepare(`SELECT seq, step, tab, op, main FROM ${log} WHERE seq > (SELECT step FROM ${log} ORDER BY seq DESC LIMIT 1)
      ORDER BY main DESC, seq DESC`)
    .safeIntegers();
  const remove = sql.prepare(`DELETE FROM ${log} WHERE seq > ?`);
  const unblock = own === undefined ? null : ownConflicts(sql, own.table, isOwn)(own.insertSql);

  const undoEntry = ({ seq, tab, op }: Entry): boolean => {
    const table = tables.get(tab);
    const undo = () => (op === 'D' ? table?.insert(seq) : table?.update(seq)) ?? false;
    const result = attempt(undo);
    if (result !== null || tab !== 0n) return result ?? false;
    // Rows that the import inserted later may use its place or its key.
    unblock?.(seq);
    return attempt(undo) ?? false;
  };

  return {
    step: (wanted) => {
      sql.pragma('defer_foreign_keys = ON');
      for (let done = 0; done < wanted; ) {
        const entries = read.all() as Entry[];
        const [first] = entries;
        if (first === undefined) return false;
        const rest = first.main === 1n ? entries.slice(1) : entries;
        if (first.main === 0n || undoEntry(first)) for (const entry of rest) undoEntry(entry);
        remove.run(first.step);
        done += entries.length;
      }
      return true;
    },
  };
};

/** Returns null if the row cannot be brought back because its place or its key is in use. */
const attempt = (undo: () => boolean): boolean | null => {
  try {
    return undo();
  } catch (error) {
    if (/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)$/.test(codeOf(error))) return null;
    throw error;
  }
};

const restorerOf = (sql: Sqlite.Database, log: string, table: CatalogueTable, { columns }: LoggedTable) => {
  const its = quote(table.name);
  const current = loggedColumns(table).map(fold);
  const here = columns.flatMap((name, i) =>
    current.includes(fold(name)) ? [{ name: quote(name), i: String(i) }] : [],
  );
  const key = table.rowid === null ? [] : [{ name: quote(table.rowid), i: 'k' }];
  const parts = [...key, ...here];
  const isRow = table.key
    .filter(() => table.rowid === null)
    .map(({ name, collation }) => {
      const i = columns.findIndex((column) => fold(column) === fold(name));
      return `${its}.${quote(name)} COLLATE ${quote(collation)} = u.n${i}`;
    });
  const isSame = parts.map(({ name, i }) =>
    i === 'k'
      ? `${its}.${name} = u.nk`
      : `${its}.${name} IS u.n${i} COLLATE BINARY AND typeof(${its}.${name}) = typeof(u.n${i})`,
  );
  const update = sql.prepare(
    `UPDATE OR ABORT ${its} SET ${parts.map(({ name, i }) => `${name} = u.o${i}`).join(', ')}
     FROM ${log} AS u WHERE u.seq = ? AND ${[...isRow, ...isSame].join(' AND ')}`,
  );
  const insertSql = `INSERT OR ABORT INTO ${its} (${parts.map(({ name }) => name).join(', ')})
    SELECT ${parts.map(({ i }) => `u.o${i}`).join(', ')} FROM ${log} AS u WHERE u.seq = ?`;
  const insert = sql.prepare(insertSql);
  return {
    insertSql,
    update: (seq: bigint) => update.run(seq).changes > 0,
    insert: (seq: bigint) => insert.run(seq).changes > 0,
  };
};
