import type Sqlite from 'better-sqlite3';
import { quote } from '../../databases/names.ts';
import type { Ledger, LedgerNames } from './ledger.ts';
import type { Table } from './table.ts';

/** The ledger of a table WITHOUT ROWID: the keys, compared as the table compares them. */
export const keysLedger = (
  sql: Sqlite.Database,
  { name, primaryKey }: Table,
  { rows, inserted, updated }: LedgerNames,
): Ledger => {
  const ledger = quote(rows);
  const table = quote(name);
  const columns = primaryKey.map((part) => quote(part.name));
  const noted = columns.map((_, i) => `k${i}`).join(', ');
  const collated = primaryKey.map(({ collation }) => `COLLATE ${quote(collation)}`);
  let put: unknown[][] = [];
  return {
    create: () => {
      const declared = collated.map((collation, i) => `k${i} ${collation}`).join(', ');
      sql.exec(`CREATE TABLE ${ledger} (${declared}, PRIMARY KEY (${noted})) WITHOUT ROWID`);
      const strike = columns.map((column, i) => `k${i} = NEW.${column}`).join(' AND ');
      const isMoved = columns.map((column, i) => `OLD.${column} IS NOT NEW.${column} ${collated[i]}`).join(' OR ');
      sql.exec(`
        CREATE TRIGGER ${quote(inserted)} AFTER INSERT ON ${table}
          BEGIN DELETE FROM ${ledger} WHERE ${strike}; END;
        CREATE TRIGGER ${quote(updated)} AFTER UPDATE ON ${table} WHEN ${isMoved}
          BEGIN DELETE FROM ${ledger} WHERE ${strike}; END;`);
    },
    prepare: (insert) => {
      const statement = sql.prepare(`${insert} RETURNING ${columns.join(', ')}`).raw().safeIntegers();
      return (values) => {
        const keys = statement.all(values) as unknown[][];
        put.push(...keys);
        return keys.length;
      };
    },
    note: () => {
      // What one statement put in, another may have put in again, when a trigger took it out between.
      const add = sql.prepare(`INSERT OR IGNORE INTO ${ledger} VALUES (${columns.map(() => '?').join(', ')})`);
      for (const key of put) add.run(key);
      put = [];
    },
    remove: (wanted) => {
      const next = sql.prepare(`SELECT ${noted} FROM ${ledger} ORDER BY ${noted} LIMIT ?`).raw().safeIntegers();
      const keys = next.all(wanted) as unknown[][];
      const strike = sql.prepare(`DELETE FROM ${ledger} WHERE ${columns.map((_, i) => `k${i} = ?`).join(' AND ')}`);
      const remove = sql.prepare(
        `DELETE FROM ${table} WHERE ${columns.map((column, i) => `${column} ${collated[i]} = ?`).join(' AND ')}`,
      );
      for (const key of keys) {
        strike.run(key);
        remove.run(key);
      }
      return keys.length;
    },
  };
};
