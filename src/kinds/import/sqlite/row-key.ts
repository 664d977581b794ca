/** How statements identify a row: by its rowid, or by its primary key. */
import type { Table } from '../../../databases/sqlite/catalogue.ts';
import { quote } from '../../../databases/sqlite/names.ts';

/** The columns that identify a row. */
export const keyOf = ({ rowid, key }: Table): readonly string[] =>
  rowid === null ? key.map(({ name }) => name) : [rowid];

/** A condition with a parameter for each of these columns. */
export const isKey = ({ rowid, key }: Table): string =>
  rowid === null
    ? key.map(({ name, collation }) => `${quote(name)} COLLATE ${quote(collation)} = ?`).join(' AND ')
    : `${quote(rowid)} = ?`;
