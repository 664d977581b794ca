/** Rows that a REPLACE displaces and that the triggers of a feed cannot find: see displaced.ts. */
import type Sqlite from 'better-sqlite3';
import { show } from '../../show.ts';
import type { Unique } from '../displaced.ts';
import { fold } from '../names.ts';
import { namesIn } from '../sql-text.ts';
import { readWatchedTable, type WatchedTable } from './table.ts';

/** Describes what may be missed on a table, for people; empty if nothing. */
export const gapsOf = (sql: Sqlite.Database, name: string): readonly string[] => {
  const table = readWatchedTable(sql, name);
  return table.uniques.flatMap((unique) => {
    const shown = unique.parts.map(({ column, expression }) => column ?? expression).join(', ');
    const because = table.displaced(unique).isUnpredictable
      ? 'has a default that differs from call to call'
      : readsRowid(table, unique)
        ? 'depends on the rowid, which SQLite may choose'
        : null;
    if (because === null) return [];
    return [
      `table ${show(table.name)}: a row that INSERT OR REPLACE or UPDATE OR REPLACE displaces may be missed if it is ` +
        `displaced through the unique index on ${show(shown)}, which ${because}`,
    ];
  });
};

/** Whether an expression reads the rowid, under the name of the primary key. */
const readsRowid = ({ key: [key], rowid, uniques }: WatchedTable, { parts, where }: Unique): boolean => {
  // If the key is not the rowid, the rowid is one of the unique indexes.
  const isAlias = rowid !== null && uniques.every(({ name }) => name !== rowid);
  const expressions = [
    ...parts.flatMap(({ column, expression }) => (column === null ? [expression] : [])),
    where ?? '',
  ];
  return isAlias && key !== undefined && expressions.some((text) => namesIn(text).has(fold(key.name)));
};
