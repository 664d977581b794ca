import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/sqlite/names.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerNames } from './names.ts';
import type { Table } from './table.ts';

type RowidTable = Table & { readonly rowid: string };

/** The ledger of a rowid table: disjoint ranges of rowids. */
export const rangesLedger = (sql: Sqlite.Database, table: RowidTable, names: LedgerNames): Ledger => {
  const recorder = createRecorder();
  let statements: Statements | undefined;
  const prepared = () => {
    statements ??= prepareAll(sql, quote(names.rows), quote(table.name), quote(table.rowid));
    return statements;
  };
  return {
    create: () => {
      sql.exec(`CREATE TABLE ${quote(names.rows)} (first INTEGER PRIMARY KEY, last INTEGER NOT NULL)`);
      sql.exec(triggers(table, names));
    },
    prepare: (insert, filled, skips = false) => {
      const insertReturning = returning(sql, insert, table, recorder);
      if (table.singly || skips || filled.some((name) => name === table.alias)) return insertReturning;
      const statement = sql.prepare(insert).safeIntegers();
      return (values) => {
        recorder.inOrder ??= isInOrder(prepared().end.get() as bigint | null);
        if (!recorder.inOrder) return insertReturning(values);
        const { changes, lastInsertRowid } = statement.run(values);
        const last = BigInt(lastInsertRowid);
        recorder.add(last - BigInt(changes - 1), last);
        return changes;
      };
    },
    note: ([rowid]) => {
      recorder.add(rowid as bigint, rowid as bigint);
      recorder.inOrder = undefined;
    },
    isOwn: (row) => {
      const now = `${row}.${quote(table.rowid)}`;
      const last = `(SELECT last FROM ${quote(names.rows)} WHERE first <= ${now} ORDER BY first DESC LIMIT 1)`;
      return `coalesce(${last} >= ${now}, 0)`;
    },
    record: () => {
      const { extend, add } = prepared();
      for (const range of recorder.take()) if (extend.run(range).changes === 0) add.run(range);
    },
    remove: (rows) => removeRanges(prepared(), rows),
  };
};

/** Returns each rowid with RETURNING, which is about 25 % slower. */
const returning = (sql: Sqlite.Database, insert: string, { rowid }: RowidTable, recorder: Recorder) => {
  const statement = sql
    .prepare(`${insert} RETURNING ${quote(rowid)}`)
    .pluck()
    .safeIntegers();
  return (values: readonly unknown[]): number => {
    const rowids = statement.all(values) as bigint[];
    for (const rowid of rowids) recorder.add(rowid, rowid);
    recorder.inOrder = undefined;
    return rowids.length;
  };
};

/** SQLite assigns increasing rowids until the largest one is used, and then any free one. */
const isInOrder = (end: bigint | null) => end === null || end < 2n ** 62n;

const removeRanges = ({ next, shorten, drop, remove }: Statements, wanted: number): number => {
  let removed = 0;
  while (removed < wanted) {
    const range = next.get() as Range | undefined;
    if (range === undefined) break;
    const { first } = range;
    const size = Math.min(Number(range.last - first) + 1, wanted - removed);
    const last = first + BigInt(size - 1);
    // The ledger is updated first, so that the triggers need not do it row by row.
    if (last === range.last) drop.run({ first });
    else shorten.run({ first, next: last + 1n });
    remove.run({ first, last });
    removed += size;
  }
  return removed;
};

interface Range {
  readonly first: bigint;
  last: bigint;
}

/** Rows that were inserted and are not in the ledger yet. */
interface Recorder {
  /** Whether SQLite assigns increasing rowids; undefined at the beginning, and after rows with an explicit rowid. */
  inOrder: boolean | undefined;
  add(first: bigint, last: bigint): void;
  /** Sorted by rowid. */
  take(): readonly Range[];
}

const createRecorder = (): Recorder => {
  let ranges: Range[] = [];
  const rows: Recorder = {
    inOrder: undefined,
    add: (first, last) => {
      const end = ranges.at(-1);
      if (end !== undefined && end.last + 1n === first) end.last = last;
      else ranges.push({ first, last });
    },
    take: () => {
      const recorded = ranges;
      ranges = [];
      rows.inOrder = undefined;
      const isSorted = recorded.every(({ first }, i) => i === 0 || first > (recorded[i - 1]?.first ?? first));
      return isSorted ? recorded : recorded.sort((a, b) => (a.first < b.first ? -1 : 1));
    },
  };
  return rows;
};

type Statements = ReturnType<typeof prepareAll>;

const prepareAll = (sql: Sqlite.Database, rows: string, table: string, rowid: string) => ({
  extend: sql.prepare(
    `UPDATE ${rows} SET last = @last
     WHERE first = (SELECT first FROM ${rows} WHERE first < @first ORDER BY first DESC LIMIT 1) AND last = @first - 1`,
  ),
  add: sql.prepare(`INSERT INTO ${rows} (first, last) VALUES (@first, @last)`),
  end: sql.prepare(`SELECT max(${rowid}) FROM ${table}`).pluck().safeIntegers(),
  next: sql.prepare(`SELECT first, last FROM ${rows} ORDER BY first LIMIT 1`).safeIntegers(),
  shorten: sql.prepare(`UPDATE ${rows} SET first = @next WHERE first = @first`),
  drop: sql.prepare(`DELETE FROM ${rows} WHERE first = @first`),
  remove: sql.prepare(`DELETE FROM ${table} WHERE ${rowid} BETWEEN @first AND @last`),
});

/** Removing a row in the middle of a range leaves two ranges. */
const triggers = ({ name, rowid, primaryKey }: Table & { readonly rowid: string }, names: LedgerNames): string => {
  const rows = quote(names.rows);
  const now = `NEW.${quote(rowid)}`;
  const entryBefore = (column: 'first' | 'last', bound: string) =>
    `(SELECT ${column} FROM ${rows} WHERE first ${bound} ${now} ORDER BY first DESC LIMIT 1)`;
  const isRecorded = `${entryBefore('last', '<=')} >= ${now}`;
  const removeEntry = `BEGIN
    INSERT INTO ${rows} (first, last) SELECT ${now} + 1, last FROM ${entryBefore('last', '<=')} WHERE last > ${now};
    UPDATE ${rows} SET last = ${now} - 1 WHERE first = ${entryBefore('first', '<')} AND last >= ${now};
    DELETE FROM ${rows} WHERE first = ${now};
  END`;
  const isMoved = [{ name: rowid, collation: 'BINARY' }, ...primaryKey]
    .map((part) => `OLD.${quote(part.name)} IS NOT NEW.${quote(part.name)} COLLATE ${quote(part.collation)}`)
    .join(' OR ');
  return `
    CREATE TRIGGER ${quote(names.inserted)} AFTER INSERT ON ${quote(name)} WHEN ${isRecorded} ${removeEntry};
    CREATE TRIGGER ${quote(names.updated)} AFTER UPDATE ON ${quote(name)} WHEN (${isMoved}) AND ${isRecorded} ${removeEntry};`;
};
