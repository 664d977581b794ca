/**
 * Reads the objects of a database: tables, columns, indexes, triggers, views, foreign keys. Names are compared as
 * SQLite compares them, whatever characters they contain. A broken view, or a virtual table whose module is missing,
 * does not make other reads fail.
 */
import type Sqlite from 'better-sqlite3';
import { fold, isReserved, quote } from './names.ts';
import { readRows } from './read-rows.ts';

export interface CatalogueObject {
  readonly type: 'table' | 'index' | 'view' | 'trigger';
  readonly name: string;
  /** The table of an index or a trigger; otherwise the object's own name. */
  readonly table: string;
  /** Null for the index of a constraint. */
  readonly sql: string | null;
}

/** All objects, in creation order. */
export const readObjects = (sql: Sqlite.Database, schema = 'main'): readonly CatalogueObject[] =>
  objectsWhere(sql, schema, 'TRUE');

/** Triggers have a namespace of their own: an object of another type may have the same name. */
export const findObject = (
  sql: Sqlite.Database,
  type: CatalogueObject['type'],
  name: string,
): CatalogueObject | undefined => objectsWhere(sql, 'main', 'type = ? AND name = ? COLLATE NOCASE', type, name)[0];

/** In creation order. */
export const triggersOn = (sql: Sqlite.Database, table: string): readonly CatalogueObject[] =>
  objectsWhere(sql, 'main', "type = 'trigger' AND tbl_name = ? COLLATE NOCASE", table);

/**
 * The object whose name conflicts with a new object of this type: `a table`, `a view`, `an index`, `a trigger`; null if
 * there is no conflict.
 */
export const nameConflict = (
  sql: Sqlite.Database,
  name: string,
  type: CatalogueObject['type'] = 'table',
): string | null => {
  const isTrigger = `type ${type === 'trigger' ? '=' : '<>'} 'trigger'`;
  const [found] = objectsWhere(sql, 'main', `name = ? COLLATE NOCASE AND ${isTrigger}`, name);
  return found === undefined ? null : `${found.type === 'index' ? 'an' : 'a'} ${found.type}`;
};

/** SQLite creates the table of AUTOINCREMENT numbers with the first table that needs it. */
export const hasSequences = (sql: Sqlite.Database, schema = 'main'): boolean =>
  objectsWhere(sql, schema, "name = 'sqlite_sequence'").length > 0;

const objectsWhere = (
  sql: Sqlite.Database,
  schema: string,
  condition: string,
  ...values: readonly string[]
): readonly CatalogueObject[] =>
  readRows(
    sql,
    `SELECT type, name, tbl_name AS "table", sql FROM ${quote(schema)}.sqlite_schema WHERE ${condition} ORDER BY rowid`,
    { type: 'text', name: 'text', table: 'text', sql: 'text?' },
    ...values,
  ).flatMap(({ type, ...object }) => (isObjectType(type) ? [{ type, ...object }] : []));

export interface ListedTable {
  /** Spelled as in the catalogue. */
  readonly name: string;
  readonly type: 'table' | 'view' | 'virtual' | 'shadow';
  readonly withoutRowid: boolean;
  readonly strict: boolean;
  /** The virtual table that keeps its content in this one; null for all others. */
  readonly shadowOf: string | null;
}

/** Whether SQLite can open virtual tables of this module. */
export const hasModule = (sql: Sqlite.Database, module: string): boolean =>
  sql.prepare('SELECT 1 FROM pragma_module_list WHERE name = ? COLLATE NOCASE').get(module) !== undefined;

/** Lists tables and views, without the objects of SQLite and of jobs. */
export const listTables = (sql: Sqlite.Database, schema = 'main'): readonly ListedTable[] =>
  allTables(sql, schema).filter(({ name }) => !isReserved(name));

const allTables = (sql: Sqlite.Database, schema: string): readonly ListedTable[] =>
  readRows(
    sql,
    'SELECT name, type, wr AS withoutRowid, strict FROM pragma_table_list WHERE schema = ? ORDER BY name',
    { name: 'text', type: 'text', withoutRowid: 'flag', strict: 'flag' },
    schema,
  ).flatMap(({ type, ...table }) => {
    if (!isTableType(type)) return [];
    // As SQLite decides it: the name of the virtual table is everything before the last underscore.
    const shadowOf = type === 'shadow' ? table.name.slice(0, table.name.lastIndexOf('_')) : null;
    return [{ ...table, type, shadowOf }];
  });

/** Describes an object that is not an ordinary table; null for an ordinary one. */
export const notOrdinary = ({ type }: Pick<ListedTable, 'type'>): string | null => {
  if (type === 'view') return 'is a view, not a table';
  if (type === 'virtual') return 'is a virtual table';
  return type === 'shadow' ? 'belongs to a virtual table' : null;
};

export interface Column {
  readonly name: string;
  /** The declared type; may be empty. */
  readonly type: string;
  readonly notNull: boolean;
  /** The default as SQL; null if there is none. */
  readonly default: string | null;
  /** Its position in the primary key, from 1; 0 if it is not part of the key. */
  readonly keyPosition: number;
  /** Computed from other columns: it cannot be assigned a value. */
  readonly generated: boolean;
  /** A hidden column of a virtual table, which is not part of `SELECT *`. */
  readonly hidden: boolean;
}

/** @throws Error for a broken view, and for a virtual table whose module is missing */
export const columnsOf = (sql: Sqlite.Database, table: string, schema = 'main'): readonly Column[] =>
  readRows(
    sql,
    `SELECT name, type, "notnull" AS "notNull", dflt_value AS "default", pk AS keyPosition, hidden IN (2, 3) AS generated,
       hidden = 1 AS hidden FROM pragma_table_xinfo(?, ?) ORDER BY cid`,
    {
      name: 'text',
      type: 'text',
      notNull: 'flag',
      default: 'text?',
      keyPosition: 'integer',
      generated: 'flag',
      hidden: 'flag',
    },
    table,
    schema,
  );

export interface Index {
  readonly name: string;
  readonly unique: boolean;
  /** `c`: made by CREATE INDEX; `u` and `pk`: made by a constraint. */
  readonly origin: string;
  readonly partial: boolean;
}

export const indexesOf = (sql: Sqlite.Database, table: string, schema = 'main'): readonly Index[] =>
  readRows(
    sql,
    'SELECT name, "unique", origin, partial FROM pragma_index_list(?, ?) ORDER BY seq',
    { name: 'text', unique: 'flag', origin: 'text', partial: 'flag' },
    table,
    schema,
  );

export interface IndexPart {
  /** Null for an expression and for the rowid. */
  readonly name: string | null;
  readonly collation: string;
  readonly descending: boolean;
}

/** The parts that define the order of an index. */
export const partsOf = (sql: Sqlite.Database, index: string, schema = 'main'): readonly IndexPart[] =>
  readRows(
    sql,
    `SELECT CASE WHEN cid >= 0 THEN name END AS name, coll AS collation, "desc" AS descending
     FROM pragma_index_xinfo(?, ?) WHERE "key" = 1 ORDER BY seqno`,
    { name: 'text?', collation: 'text', descending: 'flag' },
    index,
    schema,
  );

export interface ForeignKey {
  /** The same for all columns of a key. */
  readonly id: number;
  readonly table: string;
  readonly from: string;
  /** Null for the primary key. */
  readonly to: string | null;
  /** `NO ACTION`, `RESTRICT`, `CASCADE`, `SET NULL` or `SET DEFAULT`. */
  readonly onUpdate: string;
  readonly onDelete: string;
}

/** Returns one row for each column. */
export const foreignKeysOf = (sql: Sqlite.Database, table: string): readonly ForeignKey[] =>
  readRows(
    sql,
    `SELECT id, "table", "from", "to", on_update AS "onUpdate", on_delete AS "onDelete"
     FROM pragma_foreign_key_list(?) ORDER BY id, seq`,
    { id: 'integer', table: 'text', from: 'text', to: 'text?', onUpdate: 'text', onDelete: 'text' },
    table,
  );

/** An ordinary table, and all keys that identify its rows. */
export interface Table extends ListedTable {
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly indexes: readonly TableIndex[];
  /** The primary key, in its order; empty if there is none. */
  readonly key: readonly (IndexPart & { readonly name: string })[];
  /** The column that is an alias of the rowid; null if there is none. */
  readonly alias: string | null;
  /** A name for the rowid; null in a WITHOUT ROWID table, and if columns use all of its names. */
  readonly rowid: string | null;
  /** VACUUM may renumber its rows: no column and no index holds the rowids. */
  readonly isRenumbered: boolean;
}

export interface TableIndex extends Index {
  readonly parts: readonly IndexPart[];
  /** Null for the index of a constraint. */
  readonly sql: string | null;
}

/** Undefined when no table, view or virtual table has this name. @throws Error as `columnsOf` does */
export const readTable = (sql: Sqlite.Database, wanted: string, schema = 'main'): Table | undefined => {
  const listed = listTables(sql, schema).find(({ name }) => fold(name) === fold(wanted));
  return listed === undefined ? undefined : describeTable(sql, listed, schema);
};

/** Reads a table that a job created for itself. */
export const readHiddenTable = (sql: Sqlite.Database, name: string): Table => {
  const listed = allTables(sql, 'main').find((table) => table.name === name);
  if (listed === undefined) throw new Error(`table ${name} does not exist`);
  return describeTable(sql, listed);
};

/** Reads a table that is listed. */
export const describeTable = (sql: Sqlite.Database, listed: ListedTable, schema = 'main'): Table => {
  const { name, withoutRowid } = listed;
  const columns = columnsOf(sql, name, schema);
  const objects = objectsWhere(sql, schema, 'tbl_name = ? COLLATE NOCASE', name);
  const sqlOf = (type: string, of: string) =>
    objects.find((object) => object.type === type && object.name === of)?.sql ?? null;
  const indexes = indexesOf(sql, name, schema).map((index) => ({
    ...index,
    parts: partsOf(sql, index.name, schema),
    sql: sqlOf('index', index.name),
  }));
  const keyed = columns.filter(({ keyPosition }) => keyPosition > 0).sort((a, b) => a.keyPosition - b.keyPosition);
  const keyIndex = indexes.find(({ origin }) => origin === 'pk');
  const hasRowid = (listed.type === 'table' || listed.type === 'shadow') && !withoutRowid;
  const alias = hasRowid && keyIndex === undefined ? (keyed[0]?.name ?? null) : null;
  const key = keyed.map((column, i) => ({
    name: column.name,
    collation: keyIndex?.parts[i]?.collation ?? 'BINARY',
    descending: keyIndex?.parts[i]?.descending ?? false,
  }));
  return {
    ...listed,
    sql: sqlOf('table', name) ?? '',
    columns,
    indexes,
    key,
    alias,
    rowid: hasRowid ? rowidName(columns, alias) : null,
    isRenumbered: hasRowid && alias === null && indexes.length === 0,
  };
};

/** SQLite accepts these three names for the rowid, unless a column has the name. */
const rowidName = (columns: readonly Column[], alias: string | null): string | null => {
  const used = new Set(columns.map(({ name }) => fold(name)));
  return ['_rowid_', 'oid', 'rowid'].find((name) => !used.has(name)) ?? alias;
};

export const NO_ROWID = 'has columns named rowid, oid and _rowid_, so that no name is left for its rowid';

export type Affinity = 'INTEGER' | 'TEXT' | 'BLOB' | 'REAL' | 'NUMERIC';

/** How SQLite stores values in a column of this type. */
export const affinityOf = (type: string, strict: boolean): Affinity => {
  const name = type.toUpperCase();
  // In a STRICT table, ANY keeps any value unchanged; elsewhere it is an ordinary type name.
  if (strict && name === 'ANY') return 'BLOB';
  if (name.includes('INT')) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/.test(name)) return 'TEXT';
  if (name === '' || name.includes('BLOB')) return 'BLOB';
  return /REAL|FLOA|DOUB/.test(name) ? 'REAL' : 'NUMERIC';
};

const isObjectType = (type: string): type is CatalogueObject['type'] => /^(table|index|view|trigger)$/.test(type);
const isTableType = (type: string): type is ListedTable['type'] => /^(table|view|virtual|shadow)$/.test(type);
