import type Sqlite from 'better-sqlite3';
import { quote } from '../../databases/names.ts';
import type { Ledger, LedgerNames } from './ledger.ts';
import type { Table } from './table.ts';

/** The ledger of a table with rowids: ranges of them, none touching another's rows. */
export const rangesLedger = (
  sql: Sqlite.Database,
  table: Table & { readonly rowid: string },
  names: LedgerNames,
): Ledger => {
  const rows = quote(names.rows);
  let put: bigint[] = [];
  let statements: Statements | undefined;
  const prepared = () => {
    statements ??= prepareAll(sql, rows, quote(table.name), quote(table.rowid));
    return statements;
  };
  return {
    create: () => {
      sql.exec(`CREATE TABLE ${rows} (first INTEGER PRIMARY KEY, last INTEGER NOT NULL)`);
      sql.exec(triggers(table, names));
    },
    prepare: (insert) => {
      const statement = sql
        .prepare(`${insert} RETURNING ${quote(table.rowid)}`)
        .pluck()
        .safeIntegers();
      return (values) => {
        const rowids = statement.all(values) as bigint[];
        for (const rowid of rowids) put.push(rowid);
        return rowids.length;
      };
    },
    note: () => {
      const { extend, add } = prepared();
      for (const [first, last] of rangesOf(put)) {
        if (extend.run({ first, last }).changes === 0) add.run({ first, last });
      }
      put = [];
    },
    remove: (wanted) => {
      const { next, shorten, drop, remove } = prepared();
      let removed = 0;
      while (removed < wanted) {
        const range = next.get() as { readonly first: bigint; readonly last: bigint } | undefined;
        if (range === undefined) break;
        const { first } = range;
        const size = Math.min(Number(range.last - first) + 1, wanted - removed);
        const last = first + BigInt(size - 1);
        // Struck out first: the triggers need not do it row by row.
        if (last === range.last) drop.run({ first });
        else shorten.run({ first, next: last + 1n });
        remove.run({ first, last });
        removed += size;
      }
      return removed;
    },
  };
};

type Statements = ReturnType<typeof prepareAll>;

const prepareAll = (sql: Sqlite.Database, rows: string, table: string, rowid: string) => ({
  extend: sql.prepare(
    `UPDATE ${rows} SET last = @last
     WHERE first = (SELECT first FROM ${rows} WHERE first < @first ORDER BY first DESC LIMIT 1) AND last = @first - 1`,
  ),
  add: sql.prepare(`INSERT INTO ${rows} (first, last) VALUES (@first, @last)`),
  next: sql.prepare(`SELECT first, last FROM ${rows} ORDER BY first LIMIT 1`).safeIntegers(),
  shorten: sql.prepare(`UPDATE ${rows} SET first = @next WHERE first = @first`),
  drop: sql.prepare(`DELETE FROM ${rows} WHERE first = @first`),
  remove: sql.prepare(`DELETE FROM ${table} WHERE ${rowid} BETWEEN @first AND @last`),
});

/** A row in the middle of a range leaves two. */
const triggers = ({ name, rowid, primaryKey }: Table & { readonly rowid: string }, names: LedgerNames): string => {
  const rows = quote(names.rows);
  const now = `NEW.${quote(rowid)}`;
  const around = (what: string, bound: string) =>
    `(SELECT ${what} FROM ${rows} WHERE first ${bound} ${now} ORDER BY first DESC LIMIT 1)`;
  const isNoted = `${around('last', '<=')} >= ${now}`;
  const strike = `BEGIN
    INSERT INTO ${rows} (first, last) SELECT ${now} + 1, last FROM ${around('last', '<=')} WHERE last > ${now};
    UPDATE ${rows} SET last = ${now} - 1 WHERE first = ${around('first', '<')} AND last >= ${now};
    DELETE FROM ${rows} WHERE first = ${now};
  END`;
  const isMoved = [{ name: rowid, collation: 'BINARY' }, ...primaryKey]
    .map((part) => `OLD.${quote(part.name)} IS NOT NEW.${quote(part.name)} COLLATE ${quote(part.collation)}`)
    .join(' OR ');
  return `
    CREATE TRIGGER ${quote(names.inserted)} AFTER INSERT ON ${quote(name)} WHEN ${isNoted} ${strike};
    CREATE TRIGGER ${quote(names.updated)} AFTER UPDATE ON ${quote(name)} WHEN (${isMoved}) AND ${isNoted} ${strike};`;
};

function* rangesOf(rowids: bigint[]): Generator<readonly [bigint, bigint]> {
  if (rowids.some((rowid, i) => i > 0 && rowid < (rowids[i - 1] ?? rowid))) {
    rowids.sort((a, b) => (a < b ? -1 : Number(a > b)));
  }
  let [first] = rowids;
  if (first === undefined) return;
  let last = first;
  for (const rowid of rowids) {
    if (rowid > last + 1n) {
      yield [first, last];
      first = rowid;
    }
    last = rowid;
  }
  yield [first, last];
}
