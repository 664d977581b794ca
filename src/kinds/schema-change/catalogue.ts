/** The catalogue of a database, as statements: what people made, and what jobs have there for themselves left out. */
import type Sqlite from 'better-sqlite3';
import { isReserved, quote } from '../../databases/sqlite/names.ts';

export interface CatalogueObject {
  readonly type: 'table' | 'index' | 'view' | 'trigger';
  readonly name: string;
  /** Of an index or a trigger: what it is on. */
  readonly on: string;
  readonly sql: string;
  /** It is no ordinary table, or cannot be made anywhere else: an empty one with the same columns stands for it. */
  readonly standIn?: true;
}

/** In the order in which they were made. Indexes of constraints are part of their table. */
export const readCatalogue = (sql: Sqlite.Database): readonly CatalogueObject[] => {
  const rows = sql
    .prepare('SELECT type, name, tbl_name AS "on", sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid')
    .all() as CatalogueObject[];
  return rows
    .filter(({ name, on }) => !isReserved(name) && !isReserved(on))
    .map((object) => (/^CREATE VIRTUAL /i.test(object.sql) ? standInFor(sql, object) : object));
};

/** A table with the same columns and nothing else. */
export const standInFor = (sql: Sqlite.Database, { name, on }: CatalogueObject): CatalogueObject => {
  const columns = columnNames(sql, name).map((column) => quote(column));
  const made = `CREATE TABLE ${quote(name)} (${columns.length === 0 ? '_' : columns.join(', ')})`;
  return { type: 'table', name, on, sql: made, standIn: true };
};

const columnNames = (sql: Sqlite.Database, table: string): readonly string[] => {
  try {
    return sql.prepare('SELECT name FROM pragma_table_xinfo(?)').pluck().all(table) as string[];
  } catch {
    // A virtual table of a module that is not here.
    return [];
  }
};

/** A column as SQLite understands it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default: string | null;
  /** Its place in the primary key, from 1; 0 outside of it. */
  readonly keyPlace: number;
  readonly generated: boolean;
}

export const columnsOf = (sql: Sqlite.Database, table: string): readonly Column[] =>
  (
    sql.prepare('SELECT * FROM pragma_table_xinfo(?)').all(table) as {
      readonly name: string;
      readonly type: string;
      readonly notnull: 0 | 1;
      readonly dflt_value: string | null;
      readonly pk: number;
      readonly hidden: number;
    }[]
  ).map(({ name, type, notnull, dflt_value, pk, hidden }) => ({
    name,
    type,
    notNull: notnull === 1,
    default: dflt_value,
    keyPlace: pk,
    generated: hidden === 2 || hidden === 3,
  }));

export interface TableForm {
  readonly withoutRowid: boolean;
  readonly strict: boolean;
  /** The column that is the rowid. */
  readonly alias: string | null;
}

export const formOf = (sql: Sqlite.Database, table: string): TableForm => {
  const listed = sql
    .prepare("SELECT wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?")
    .get(table) as { readonly wr: 0 | 1; readonly strict: 0 | 1 } | undefined;
  const withoutRowid = listed?.wr === 1;
  const hasKeyIndex = indexesOf(sql, table).some(({ origin }) => origin === 'pk');
  const key = columnsOf(sql, table).find(({ keyPlace }) => keyPlace > 0);
  return {
    withoutRowid,
    strict: listed?.strict === 1,
    alias: withoutRowid || hasKeyIndex ? null : (key?.name ?? null),
  };
};

export interface Index {
  readonly name: string;
  readonly unique: boolean;
  /** `c`: by CREATE INDEX; `u` and `pk`: by a constraint. */
  readonly origin: 'c' | 'u' | 'pk';
  readonly partial: boolean;
}

export const indexesOf = (sql: Sqlite.Database, table: string): readonly Index[] =>
  (
    sql.prepare('SELECT name, "unique", origin, partial FROM pragma_index_list(?)').all(table) as {
      readonly name: string;
      readonly unique: 0 | 1;
      readonly origin: Index['origin'];
      readonly partial: 0 | 1;
    }[]
  ).map((index) => ({ ...index, unique: index.unique === 1, partial: index.partial === 1 }));

export interface IndexPart {
  /** Null for an expression. */
  readonly name: string | null;
  readonly collation: string;
  readonly descending: boolean;
}

/** What an index is ordered by. */
export const partsOf = (sql: Sqlite.Database, index: string): readonly IndexPart[] =>
  (
    sql
      .prepare('SELECT cid, name, coll, "desc" FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno')
      .all(index) as {
      readonly cid: number;
      readonly name: string | null;
      readonly coll: string;
      readonly desc: 0 | 1;
    }[]
  ).map(({ cid, name, coll, desc }) => ({ name: cid === -2 ? null : name, collation: coll, descending: desc === 1 }));
