/** Reads the properties of a table that are needed to watch its changes. */
import type Sqlite from 'better-sqlite3';
import { show } from '../../show.ts';
import { NO_ROWID, notOrdinary, readTable, type Table } from '../catalogue.ts';
import { type Binding, type Displaced, displacedIn, type Unique, uniqueIndex, uniqueRowid } from '../displaced.ts';
import { fold, isReserved } from '../names.ts';

export interface WatchedTable {
  /** Spelled as in the catalogue. */
  readonly name: string;
  /** Its CREATE TABLE, as in the catalogue. */
  readonly sql: string;
  /** All columns, including generated ones. */
  readonly columns: readonly string[];
  /** The columns whose values may be long. */
  readonly long: readonly string[];
  /** The primary key, in its order. */
  readonly key: readonly KeyColumn[];
  /** A name for the rowid; null if only the primary key identifies a row. */
  readonly rowid: string | null;
  /** Unique indexes through which a REPLACE can displace a row with another key. */
  readonly uniques: readonly Unique[];
  displaced(unique: Unique, binding?: Binding): Displaced;
}

export interface KeyColumn {
  readonly name: string;
  /** Its position among the columns. */
  readonly place: number;
  readonly collation: string;
  /** Rows with NULL in this column can exist. */
  readonly nullable: boolean;
}

/** Explains why a table cannot be watched. */
export class TableError extends Error {
  override readonly name = 'TableError';
}

/** @throws TableError unless it is an ordinary table with a primary key */
export const readWatchedTable = (sql: Sqlite.Database, requested: string): WatchedTable => {
  const table = findTable(sql, requested);
  const { name, columns } = table;
  const keyIndex = table.indexes.find(({ origin }) => origin === 'pk');
  const key = table.key.map((part) => {
    const place = columns.findIndex((column) => column.name === part.name);
    const nullable = !table.withoutRowid && keyIndex !== undefined && columns[place]?.notNull === false;
    return { name: part.name, place, collation: part.collation, nullable };
  });
  const others = table.indexes.filter(
    (index) => index.unique && (index !== keyIndex || key.some(({ collation }) => !isBinary(collation))),
  );
  return {
    name,
    sql: table.sql,
    columns: columns.map((column) => column.name),
    long: columns
      .filter(({ type }) => !/^(int|integer|bigint|real|double|float|boolean)$/i.test(type))
      .map((column) => column.name),
    key,
    rowid: table.rowid,
    uniques: [
      // If it is not the key, a writer can still choose the rowid of a row.
      ...(table.rowid === null || keyIndex === undefined ? [] : [uniqueRowid(table.rowid)]),
      ...others.map(uniqueIndex),
    ],
    displaced: (unique, binding) => displacedIn(table, binding)(unique),
  };
};

export const isBinary = (collation: string): boolean => fold(collation) === 'binary';

const findTable = (sql: Sqlite.Database, requested: string): Table => {
  const table = isReserved(requested) ? undefined : readTable(sql, requested);
  if (table === undefined) throw new TableError(`table ${show(requested)} does not exist`);
  const problem = notOrdinary(table);
  if (problem !== null) {
    throw new TableError(
      `${show(table.name)} ${problem}${table.type === 'virtual' ? ': no trigger can watch it' : ''}`,
    );
  }
  if (table.key.length === 0) {
    throw new TableError(`table ${show(table.name)} has no primary key, which identifies its rows in messages`);
  }
  if (table.rowid === null && !table.withoutRowid) throw new TableError(`table ${show(table.name)} ${NO_ROWID}`);
  return table;
};
