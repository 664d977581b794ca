/** What has to be known of a table to follow its changes. */
import type Sqlite from 'better-sqlite3';
import { fold, isReserved } from '../names.ts';
import { namesIn, readIndexText } from '../sql-text.ts';

export interface WatchedTable {
  /** As the catalogue spells it. */
  readonly name: string;
  /** All columns, generated ones too. */
  readonly columns: readonly string[];
  /** The columns whose values may be long. */
  readonly long: readonly string[];
  /** The primary key, in its order. */
  readonly key: readonly KeyColumn[];
  /** A name for the rowid; null where the primary key alone leads to a row. */
  readonly rowid: string | null;
  /** Unique indexes through which a REPLACE can push out a row of another key. */
  readonly uniques: readonly Unique[];
}

export interface KeyColumn {
  readonly name: string;
  /** Its place among the columns. */
  readonly place: number;
  readonly collation: string;
  /** Rows with NULL here can be in the table. */
  readonly nullable: boolean;
}

/** Two rows with the same values here cannot both be in the table. */
export interface Unique {
  readonly name: string;
  readonly parts: readonly UniquePart[];
  readonly where: string | null;
  /** The columns that decide. */
  readonly uses: readonly string[];
}

export interface UniquePart {
  /** Null: it is an expression. */
  readonly column: string | null;
  readonly expression: string;
  /** Null: of a rowid. */
  readonly collation: string | null;
}

/** Why a table cannot be watched, in words for people. */
export class TableError extends Error {
  override readonly name = 'TableRefused';
}

/** @throws TableRefused unless it is an ordinary table with a primary key */
export const readWatchedTable = (sql: Sqlite.Database, wanted: string): WatchedTable => {
  const { name, wr } = findTable(sql, wanted);
  const parts = sql.prepare('SELECT * FROM pragma_table_xinfo(?)').all(name) as Part[];
  const columns = parts.map((part) => part.name);
  const indexes = (sql.prepare('SELECT * FROM pragma_index_list(?)').all(name) as Index[]).filter(
    (index) => index.unique === 1,
  );
  const keyIndex = indexes.find(({ origin }) => origin === 'pk');
  const keyed = parts.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  if (keyed.length === 0) throw new TableError(`table ${show(name)} has no primary key: its rows cannot be told apart`);
  const collations = keyIndex === undefined ? [] : indexParts(sql, keyIndex.name);
  const key = keyed.map((part, i) => ({
    name: part.name,
    place: parts.indexOf(part),
    collation: collations[i]?.coll ?? 'BINARY',
    nullable: wr === 0 && keyIndex !== undefined && part.notnull === 0,
  }));
  const others = indexes.filter((index) => index !== keyIndex || key.some(({ collation }) => !isBinary(collation)));
  const rowid = wr === 1 ? null : rowidName(name, columns, keyIndex === undefined ? keyed[0]?.name : undefined);
  return {
    name,
    columns,
    long: parts
      .filter(({ type }) => !/^(int|integer|bigint|real|double|float|boolean)$/i.test(type))
      .map((part) => part.name),
    key,
    rowid,
    uniques: [
      // Where it is not the key, somebody may still say which rowid a row is to have.
      ...(rowid === null || keyIndex === undefined ? [] : [uniqueRowid(rowid)]),
      ...others.map((index) => uniqueOf(sql, index, columns)),
    ],
  };
};

export const isBinary = (collation: string): boolean => fold(collation) === 'binary';

const show = (name: string) => JSON.stringify(name);

interface Listed {
  readonly schema: string;
  readonly name: string;
  readonly type: string;
  /** WITHOUT ROWID. */
  readonly wr: 0 | 1;
}

interface Part {
  readonly name: string;
  readonly type: string;
  readonly notnull: 0 | 1;
  readonly pk: number;
}

interface Index {
  readonly name: string;
  readonly unique: 0 | 1;
  readonly origin: 'c' | 'u' | 'pk';
}

interface IndexPart {
  /** -1: the rowid; -2: an expression. */
  readonly cid: number;
  readonly name: string | null;
  readonly coll: string;
}

const NO_TABLE: Readonly<Record<string, string>> = {
  view: 'is a view, not a table',
  virtual: 'is a virtual table: no trigger can watch it',
  shadow: 'belongs to a virtual table',
};

const findTable = (sql: Sqlite.Database, wanted: string): Listed => {
  const found = (sql.pragma('table_list') as Listed[]).find(
    ({ schema, name }) => schema === 'main' && fold(name) === fold(wanted),
  );
  if (found === undefined || isReserved(found.name)) throw new TableError(`table ${show(wanted)} does not exist`);
  const said = NO_TABLE[found.type];
  if (said !== undefined) throw new TableError(`${show(found.name)} ${said}`);
  return found;
};

const indexParts = (sql: Sqlite.Database, index: string) =>
  sql
    .prepare('SELECT cid, name, coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno')
    .all(index) as IndexPart[];

const uniqueRowid = (rowid: string): Unique => ({
  name: rowid,
  parts: [{ column: rowid, expression: '', collation: null }],
  where: null,
  uses: [rowid],
});

const uniqueOf = (sql: Sqlite.Database, { name }: Index, columns: readonly string[]): Unique => {
  const text = sql.prepare("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?").pluck().get(name) as
    | string
    | null
    | undefined;
  const { parts: written, where } = text ? readIndexText(text) : { parts: [], where: null };
  const parts = indexParts(sql, name).map(({ cid, name: column, coll }, i) => ({
    column: cid === -2 ? null : column,
    expression: written[i] ?? '',
    collation: coll,
  }));
  const words = parts.flatMap(({ column, expression }) =>
    column === null ? [...namesIn(expression)] : [fold(column)],
  );
  const named = new Set([...words, ...namesIn(where ?? '')]);
  return { name, parts, where, uses: columns.filter((column) => named.has(fold(column))) };
};

const rowidName = (table: string, columns: readonly string[], alias: string | undefined): string => {
  const taken = new Set(columns.map(fold));
  const name = ['_rowid_', 'oid', 'rowid'].find((known) => !taken.has(known)) ?? alias;
  if (name !== undefined) return name;
  throw new TableError(`table ${show(table)} has columns named rowid, oid and _rowid_: its rows cannot be told apart`);
};
