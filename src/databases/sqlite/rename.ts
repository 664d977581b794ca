/**
 * Tables that are built under hidden names, with their indexes, and get their final names in one moment.
 *
 * `hide` returns the statements that create a table and its indexes under hidden names; SQLite itself rewrites the
 * references to the table in them. `rename` gives tables and indexes other names inside an open transaction. It edits
 * sqlite_schema, because there is no ALTER INDEX, and so that each statement is stored exactly as given. It changes
 * nothing else: triggers, views and foreign keys keep the name that they refer to, whichever table has it. One call can
 * rename an original and put another table in its place; triggers then stay with the name. Usage:
 *
 *     const hidden = hide(tableSql, indexSqls, '_signalbox_restore_7_0');
 *     for (const statement of hidden.statements) sql.exec(statement);
 *     …                                                     // rows, in as many transactions as they take
 *     target.tryBegin(); rename(sql, hidden.names); …
 */
import Sqlite from 'better-sqlite3';
import { hasSequences, readObjects } from './catalogue.ts';
import { quote } from './names.ts';
import { createPortable } from './portable.ts';
import { headOf, type ObjectType, withName } from './sql-text.ts';

export interface Renaming {
  readonly from: string;
  /** Its new declaration: `CREATE TABLE` or `CREATE INDEX` with its new name. */
  readonly sql: string;
  /** For an index: the final name of its table. */
  readonly table?: string;
}

export interface HiddenTable {
  /** Create the table, and its indexes while it is empty, so that no statement takes long. */
  readonly statements: readonly string[];
  /** The renamings that make them visible, for `rename`. */
  readonly names: readonly Renaming[];
}

/**
 * @param table its final statement; `indexes` are final too
 * @param hidden the temporary name of the table; its indexes get `<hidden>_1` and so on
 * @throws Error from SQLite, when a statement is invalid or needs a function or collation that is missing
 */
export const hide = (table: string, indexes: readonly string[], hidden: string): HiddenTable => {
  const sql = new Sqlite(':memory:');
  try {
    sql.pragma('trusted_schema = OFF');
    for (const statement of [table, ...indexes]) createPortable(sql, statement);
    const name = nameOf(table);
    sql.exec(`ALTER TABLE ${quote(name)} RENAME TO ${quote(hidden)}`);
    const find = sql.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck();
    const rewritten = indexes.map((statement) => find.get(nameOf(statement)) as string);
    const names = indexes.map((_, i) => `${hidden}_${i + 1}`);
    return {
      statements: [
        find.get(hidden) as string,
        ...rewritten.map((statement, i) => withName(statement, names[i] as string)),
      ],
      names: [
        { from: hidden, sql: table },
        ...indexes.map((statement, i) => ({ from: names[i] as string, sql: statement, table: name })),
      ],
    };
  } finally {
    sql.close();
  }
};

/** The new text of an object that keeps its name, and the table that it is on. */
export interface Rewriting {
  readonly type: ObjectType;
  readonly name: string;
  /** For a table or a view, its own name. */
  readonly table: string;
  readonly sql: string;
}

/**
 * Renames in order, inside a transaction. Statements that were prepared before have to be prepared again.
 * @param virtual the statements of virtual tables whose content is in tables that are renamed: they are only listed
 * @param texts are rewritten together with it, because SQLite loads no index and no trigger whose table is missing. The
 *   text of a table or an index must mean the same for the stored content
 * @throws Error when an object is missing, or when a new name conflicts with an existing one: roll back
 */
export const rename = (
  sql: Sqlite.Database,
  renamings: readonly Renaming[],
  virtual: readonly { readonly name: string; readonly sql: string }[] = [],
  texts: readonly Rewriting[] = [],
): void => {
  inCatalogue(sql, () => {
    for (const text of texts) rewriteOne(sql, text);
    for (const renaming of renamings) renameOne(sql, renaming);
    const list = sql.prepare(
      "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', @name, @name, 0, @sql)",
    );
    for (const { name, sql: text } of virtual) list.run({ name, sql: text });
  });
  for (const [i, { sql: statement, table }] of renamings.entries()) {
    const name = nameOf(statement);
    // A name between two others is gone again.
    if (!renamings.slice(i).some(({ from }) => from === name)) checkFound(sql, name, table);
  }
};

const rewriteOne = (sql: Sqlite.Database, { type, name, table, sql: text }: Rewriting) => {
  const change = sql.prepare(
    'UPDATE sqlite_schema SET sql = @text, tbl_name = @table WHERE type = @type AND name = @name',
  );
  if (change.run({ type, name, table, text }).changes !== 1) throw new Error(`there is no ${type} named ${name}`);
};

/** Runs edits of sqlite_schema inside a transaction, and has SQLite load the schema again. */
export const inCatalogue = (sql: Sqlite.Database, edit: () => void) => {
  if (!sql.inTransaction) throw new Error('names are changed inside a transaction');
  sql.unsafeMode(true);
  try {
    sql.pragma('writable_schema = ON');
    edit();
    // Makes every other connection, and a rollback, reload the schema.
    sql.pragma(`schema_version = ${(sql.pragma('schema_version', { simple: true }) as number) + 1}`);
  } finally {
    // Also reloads the schema.
    sql.pragma('writable_schema = RESET');
    sql.unsafeMode(false);
  }
};

const renameOne = (sql: Sqlite.Database, { from, sql: statement, table }: Renaming) => {
  const to = nameOf(statement);
  const taken = sql
    .prepare("SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND name <> ? AND type <> 'trigger'")
    .get(to, from);
  if (taken !== undefined) throw new Error(`there is something named ${to} already`);
  const change = sql.prepare(
    'UPDATE sqlite_schema SET name = @to, tbl_name = @table, sql = @statement WHERE name = @from AND type = @type',
  );
  const type = table === undefined ? 'table' : 'index';
  const { changes } = change.run({ from, to, table: table ?? to, statement, type });
  if (changes !== 1) throw new Error(`there is no ${type} named ${from}`);
  if (type === 'index') return;
  // The indexes of UNIQUE and PRIMARY KEY: SQLite finds them by this name.
  sql
    .prepare(
      `UPDATE sqlite_schema SET name = 'sqlite_autoindex_' || @to || substr(name, length('sqlite_autoindex_' || @from) + 1),
         tbl_name = @to WHERE tbl_name = @from AND type = 'index' AND sql IS NULL`,
    )
    .run({ from, to });
  moveTriggers(sql, to);
  const counted = sql.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get();
  if (counted !== undefined) sql.prepare('UPDATE sqlite_sequence SET name = @to WHERE name = @from').run({ from, to });
};

/** SQLite reads the catalogue in order, and requires a table before its triggers. */
const moveTriggers = (sql: Sqlite.Database, table: string) => {
  const early = sql
    .prepare(
      `SELECT rowid FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = @table COLLATE NOCASE
         AND rowid < (SELECT rowid FROM sqlite_schema WHERE type = 'table' AND name = @table) ORDER BY rowid`,
    )
    .pluck();
  const move = sql.prepare(
    'UPDATE sqlite_schema SET rowid = (SELECT max(rowid) + 1 FROM sqlite_schema) WHERE rowid = ?',
  );
  for (const rowid of early.all({ table })) move.run(rowid);
};

/** Checks that SQLite has loaded the schema with the new names. */
const checkFound = (sql: Sqlite.Database, name: string, table: string | undefined) => {
  const find = table === undefined ? 'SELECT 1 FROM pragma_table_xinfo(?)' : 'SELECT 1 FROM pragma_index_xinfo(?)';
  if (sql.prepare(find).get(name) === undefined) throw new Error(`${name} is not to be found under its new name`);
};

const nameOf = (statement: string): string => {
  const head = headOf(statement);
  if (head === null) throw new Error(`not a statement of a catalogue: ${statement}`);
  return head.name;
};

/**
 * Runs inside a transaction. Removes the table of AUTOINCREMENT numbers if nothing needs it, which SQLite never does.
 * @param spare a name that is not in use
 */
export const dropSequences = (sql: Sqlite.Database, spare: string): void => {
  if (!hasSequences(sql)) return;
  const isUsed =
    sql.prepare('SELECT 1 FROM sqlite_sequence').get() !== undefined ||
    readObjects(sql).some(({ type, sql: text }) => type === 'table' && /autoincrement/i.test(text ?? ''));
  if (isUsed) return;
  // It cannot be dropped under its own name.
  rename(sql, [{ from: 'sqlite_sequence', sql: `CREATE TABLE ${quote(spare)}(name,seq)` }]);
  sql.exec(`DROP TABLE ${quote(spare)}`);
};
