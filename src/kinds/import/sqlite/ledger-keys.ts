import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/sqlite/names.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerNames } from './names.ts';
import type { Table } from './table.ts';

/** The ledger of a WITHOUT ROWID table: the keys, with the collations of the table. */
export const keysLedger = (sql: Sqlite.Database, table: Table, names: LedgerNames): Ledger => {
  const columns = table.primaryKey.map(({ name }) => quote(name)).join(', ');
  let inserted: unknown[][] = [];
  let statements: Statements | undefined;
  const prepared = () => {
    statements ??= prepareAll(sql, table, quote(names.rows));
    return statements;
  };
  return {
    create: () => sql.exec(definitions(table, names)),
    prepare: (insert) => {
      const statement = sql.prepare(`${insert} RETURNING ${columns}`).raw().safeIntegers();
      return (values) => {
        const keys = statement.all(values) as unknown[][];
        for (const key of keys) inserted.push(key);
        return keys.length;
      };
    },
    note: (key) => inserted.push([...key]),
    isOwn: (row) =>
      `EXISTS (SELECT 1 FROM ${quote(names.rows)} WHERE ${table.primaryKey.map((part, i) => `k${i} = ${row}.${quote(part.name)}`).join(' AND ')})`,
    record: () => {
      const { add } = prepared();
      for (const key of inserted) add.run(key);
      inserted = [];
    },
    remove: (wanted) => {
      const { next, removeEntry, remove } = prepared();
      const keys = next.all(wanted) as unknown[][];
      for (const key of keys) {
        // The key is removed from the ledger first: a trigger of the table may insert another row under it.
        removeEntry.run(key);
        remove.run(key);
      }
      return keys.length;
    },
  };
};

type Statements = ReturnType<typeof prepareAll>;

const prepareAll = (sql: Sqlite.Database, { name, primaryKey }: Table, rows: string) => {
  const keyColumns = primaryKey.map((_, i) => `k${i}`);
  const isKey = primaryKey.map((part) => `${quote(part.name)} COLLATE ${quote(part.collation)} = ?`).join(' AND ');
  return {
    // A row may be inserted again after a trigger of the table has deleted it.
    add: sql.prepare(`INSERT OR IGNORE INTO ${rows} VALUES (${keyColumns.map(() => '?').join(', ')})`),
    next: sql
      .prepare(`SELECT ${keyColumns.join(', ')} FROM ${rows} LIMIT ?`)
      .raw()
      .safeIntegers(),
    removeEntry: sql.prepare(`DELETE FROM ${rows} WHERE ${keyColumns.map((column) => `${column} = ?`).join(' AND ')}`),
    remove: sql.prepare(`DELETE FROM ${quote(name)} WHERE ${isKey}`),
  };
};

const definitions = ({ name, primaryKey }: Table, names: LedgerNames): string => {
  const rows = quote(names.rows);
  const declared = primaryKey.map(({ collation }, i) => `k${i} COLLATE ${quote(collation)}`).join(', ');
  const keyColumns = primaryKey.map((_, i) => `k${i}`).join(', ');
  const removeEntry = `DELETE FROM ${rows} WHERE ${primaryKey.map((part, i) => `k${i} = NEW.${quote(part.name)}`).join(' AND ')}`;
  const isMoved = primaryKey
    .map((part) => `OLD.${quote(part.name)} IS NOT NEW.${quote(part.name)} COLLATE ${quote(part.collation)}`)
    .join(' OR ');
  return `
    CREATE TABLE ${rows} (${declared}, PRIMARY KEY (${keyColumns})) WITHOUT ROWID;
    CREATE TRIGGER ${quote(names.inserted)} AFTER INSERT ON ${quote(name)} BEGIN ${removeEntry}; END;
    CREATE TRIGGER ${quote(names.updated)} AFTER UPDATE ON ${quote(name)} WHEN ${isMoved} BEGIN ${removeEntry}; END;`;
};
