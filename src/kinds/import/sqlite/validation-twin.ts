/** The hidden table that has the columns and constraints of an existing one, and the INSERTs into it. */
import type { Table } from '../../../databases/sqlite/catalogue.ts';
import { isWord, tokensOf } from '../../../databases/sqlite/lexer.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { hide } from '../../../databases/sqlite/rename.ts';
import { withoutConstraints } from '../../../databases/sqlite/table-text.ts';

export interface Twin {
  readonly table: Table;
  readonly hidden: string;
  /** The table and its unique indexes, in the order of their creation. */
  readonly objects: readonly { readonly name: string; readonly sql: string }[];
  /** A message with the names of the existing table and its indexes. */
  named(message: string): string;
}

/** @throws Error if SQLite does not accept its text */
export const twinOf = (table: Table, hidden: string): Twin => {
  const indexes = table.indexes.flatMap(({ unique, name, sql }) => (unique && sql !== null ? [{ name, sql }] : []));
  const { statements, names } = hide(
    withoutConstraints(table.sql),
    indexes.map(({ sql }) => sql),
    hidden,
  );
  const objects = statements.map((sql, i) => ({ name: names[i]?.from ?? hidden, sql }));
  return {
    table,
    hidden,
    objects,
    named: (message) =>
      indexes
        .map(({ name }, i) => ({ name, from: objects[i + 1]?.name ?? '' }))
        .toReversed()
        .reduce((text, { name, from }) => text.replaceAll(`'${from}'`, `'${name}'`), message)
        .replaceAll(hidden, table.name),
  };
};

/**
 * An INSERT of one row. A row without a number gets the one that it would get in the existing table.
 * @param isCurrent SQL that is true of the rows of the existing table that count
 */
export const insertSql = (
  { table, hidden }: Pick<Twin, 'table' | 'hidden'>,
  filled: readonly string[],
  isCurrent: string,
): string => {
  const { alias } = table;
  const names = alias === null || filled.includes(alias) ? filled : [...filled, alias];
  const values = names.map((name) => {
    if (name !== alias) return '?';
    const next = nextNumber(table, hidden, alias, isCurrent);
    return filled.includes(alias) ? `coalesce(?, ${next})` : next;
  });
  return `INSERT OR ABORT INTO ${quote(hidden)} (${names.map(quote).join(', ')}) VALUES (${values.join(', ')})`;
};

const GREATEST = '9223372036854775807';

/** After the greatest number, SQLite chooses a free one at random. */
const nextNumber = (table: Table, hidden: string, alias: string, isCurrent: string): string => {
  const id = quote(alias);
  const greatest = [
    `SELECT max(${id}) AS n FROM ${quote(hidden)}`,
    `SELECT * FROM (SELECT ${id} FROM ${quote(table.name)} WHERE ${isCurrent} ORDER BY ${id} DESC LIMIT 1)`,
  ];
  if (tokensOf(table.sql).some((token) => isWord(token, 'autoincrement'))) {
    greatest.push(`SELECT seq FROM sqlite_sequence WHERE name = '${table.name.replaceAll("'", "''")}'`);
  }
  return `(SELECT nullif(coalesce(max(n), 0), ${GREATEST}) + 1 FROM (${greatest.join(' UNION ALL ')}))`;
};
