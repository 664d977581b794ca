/**
 * Tables that are built out of sight, with their indexes, and take their final names in a moment.
 *
 * `hide` gives the statements that make a table and its indexes under hidden names; SQLite itself rewrites what in them
 * mentions the table. `rename` gives tables and indexes other names inside a transaction that is open: it edits
 * sqlite_schema, since there is no ALTER INDEX, and so that each statement ends up letter for letter as it is given.
 * Nothing else is touched: triggers, views and foreign keys that mention a name go on mentioning it, whoever bears it.
 * One call can put a table aside and another in its place; triggers then stay with the name. Used so:
 *
 *     const hidden = hide(tableSql, indexSqls, '_signalbox_restore_7_0');
 *     for (const statement of hidden.statements) sql.exec(statement);
 *     …                                                     // rows, in as many transactions as they take
 *     target.tryBegin(); rename(sql, hidden.names); …
 */
import Sqlite from 'better-sqlite3';
import { hasSequences, readObjects } from './catalogue.ts';
import { quote } from './names.ts';
import { headOf, type ObjectType, withName } from './sql-text.ts';

export interface Renaming {
  readonly from: string;
  /** How it is declared from then on: `CREATE TABLE` or `CREATE INDEX`, with the name that it gets. */
  readonly sql: string;
  /** Of an index: the final name of its table. */
  readonly table?: string;
}

export interface HiddenTable {
  /** Make the table, and its indexes while it is empty, so that no statement takes long. */
  readonly statements: readonly string[];
  /** What `rename` needs to show them. */
  readonly names: readonly Renaming[];
}

/**
 * @param table its statement, as it is to be in the end; so are `indexes`
 * @param hidden the table's name meanwhile; its indexes get `<hidden>_1` and so on
 * @throws Error as SQLite does, when a statement is wrong or needs a function or collation that is not there
 */
export const hide = (table: string, indexes: readonly string[], hidden: string): HiddenTable => {
  const sql = new Sqlite(':memory:');
  try {
    sql.pragma('trusted_schema = OFF');
    for (const statement of [table, ...indexes]) sql.prepare(statement).run();
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

/**
 * In order, inside a transaction. Statements that were prepared before are to be prepared anew.
 * @throws Error when there is nothing of a name, or something has a new name already: roll back
 */
export const rename = (sql: Sqlite.Database, renamings: readonly Renaming[]): void => {
  inCatalogue(sql, () => {
    for (const renaming of renamings) renameOne(sql, renaming);
  });
  for (const { sql: statement, table } of renamings) checkFound(sql, nameOf(statement), table);
};

/**
 * Gives objects another text under the name that they have, inside a transaction: of tables and indexes one that means
 * the same for what is stored.
 * @throws Error when there is nothing of a type and name: roll back
 */
export const rewrite = (
  sql: Sqlite.Database,
  texts: readonly { readonly type: ObjectType; readonly name: string; readonly sql: string }[],
): void =>
  inCatalogue(sql, () => {
    const change = sql.prepare('UPDATE sqlite_schema SET sql = @sql WHERE type = @type AND name = @name');
    for (const { type, name, sql: text } of texts) {
      if (change.run({ type, name, sql: text }).changes !== 1) throw new Error(`there is no ${type} named ${name}`);
    }
  });

const inCatalogue = (sql: Sqlite.Database, edit: () => void) => {
  if (!sql.inTransaction) throw new Error('names are changed inside a transaction');
  sql.unsafeMode(true);
  try {
    sql.pragma('writable_schema = ON');
    edit();
    // Tells every other connection, and a rollback, that what they know of the schema is old.
    sql.pragma(`schema_version = ${(sql.pragma('schema_version', { simple: true }) as number) + 1}`);
  } finally {
    // Reads the schema anew as well.
    sql.pragma('writable_schema = RESET');
    sql.unsafeMode(false);
  }
};

const renameOne = (sql: Sqlite.Database, { from, sql: statement, table }: Renaming) => {
  const to = nameOf(statement);
  const taken = sql.prepare("SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND type <> 'trigger'").get(to);
  if (taken !== undefined) throw new Error(`there is something named ${to} already`);
  const change = sql.prepare(
    'UPDATE sqlite_schema SET name = @to, tbl_name = @table, sql = @statement WHERE name = @from AND type = @type',
  );
  const type = table === undefined ? 'table' : 'index';
  const { changes } = change.run({ from, to, table: table ?? to, statement, type });
  if (changes !== 1) throw new Error(`there is no ${type} named ${from}`);
  if (type === 'index') return;
  // Those of UNIQUE and PRIMARY KEY: SQLite finds them by this name.
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

/** SQLite reads the catalogue in order, and wants a table before its triggers. */
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

/** SQLite has read the schema with the new names in it. */
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
 * Inside a transaction: removes the table of AUTOINCREMENT's numbers, which SQLite never does, where nothing needs it.
 * @param spare a name that nothing has
 */
export const dropSequences = (sql: Sqlite.Database, spare: string): void => {
  if (!hasSequences(sql)) return;
  const isUsed =
    sql.prepare('SELECT 1 FROM sqlite_sequence').get() !== undefined ||
    readObjects(sql).some(({ type, sql: text }) => type === 'table' && /autoincrement/i.test(text ?? ''));
  if (isUsed) return;
  // Under its own name it may not be dropped.
  rename(sql, [{ from: 'sqlite_sequence', sql: `CREATE TABLE ${quote(spare)}(name,seq)` }]);
  sql.exec(`DROP TABLE ${quote(spare)}`);
};
