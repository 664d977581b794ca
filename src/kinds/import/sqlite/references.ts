/**
 * Foreign keys that are checked when all rows are in (deferForeignKeys). Until then the job's connection does not
 * enforce them. A row that refers to a missing row, or to a row of its own table, which may be set aside later, is noted
 * with its source and line in the transaction that inserts it. At the end, the noted rows that still refer to nothing are
 * bad rows. Setting one aside may turn others into bad rows, so that is repeated until none is left.
 */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import {
  type Table as CatalogueTable,
  type ForeignKey,
  foreignKeysOf,
  readTable,
} from '../../../databases/sqlite/catalogue.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { CheckedReferences } from '../checkpoint.ts';
import type { BadRow, Reject } from '../port.ts';
import { allForeignKeys } from './affected.ts';
import { referencesTable } from './names.ts';
import { isKey, keyOf } from './row-key.ts';

/** Where a row comes from. */
export type RowOrigin = Pick<Reject, 'source' | 'line' | 'lastLine' | 'text'>;

/** All methods run inside a transaction. */
export interface References {
  /** Notes a row that was just inserted, if it has to be checked at the end. */
  note(key: readonly unknown[], origin: RowOrigin): void;
  /** Checks some of the noted rows, after those that were checked. */
  settle(from: CheckedReferences, maxRejects: number, setAside: (reject: Omit<Reject, 'id'>) => void): Settled;
}

export interface Settled {
  readonly rejected: number;
  /** The row that exceeded the limit of rejected rows. */
  readonly bad: BadRow | null;
  /** From where to go on; null if nothing is left to check. */
  readonly next: CheckedReferences | null;
}

export const NO_REFERENCES: Settled = { rejected: 0, bad: null, next: null };

const ROWS_AT_ONCE = 1_000;
/** Where each pass begins. */
export const FIRST_REFERENCE: CheckedReferences = { id: 0, removed: 0 };

/** Inside a transaction. */
export const createReferences = (sql: Sqlite.Database, owner: Owner, table: CatalogueTable): void => {
  const keys = keyOf(table).map((_, i) => `k${i}`);
  sql.exec(`CREATE TABLE ${quote(referencesTable(owner))}
    (id INTEGER PRIMARY KEY, ${keys.join(', ')}, source TEXT, line INTEGER, lastLine INTEGER, text TEXT)`);
};

/** Runs inside a transaction. */
export const dropReferences = (sql: Sqlite.Database, owner: Owner): void => {
  sql.exec(`DROP TABLE IF EXISTS ${quote(referencesTable(owner))}`);
};

/** @param isOwn SQL that is true of the rows of the job */
export const openReferences = (
  sql: Sqlite.Database,
  owner: Owner,
  table: CatalogueTable,
  isOwn: (row: string) => string,
): References => {
  const its = quote(table.name);
  const noted = quote(referencesTable(owner));
  const keys = keyOf(table);
  const foreign = foreignKeysIn(sql, table);
  const isBroken = foreign.map(({ broken }) => broken).join(' OR ') || '0';
  const note =
    sql.prepare(`INSERT INTO ${noted} (${keys.map((_, i) => `k${i}`).join(', ')}, source, line, lastLine, text)
    SELECT ${keys.map((name) => `${its}.${quote(name)}`).join(', ')}, ?, ?, ?, ? FROM ${its}
    WHERE ${isKey(table)} AND (${[isBroken, ...foreign.flatMap(({ own }) => own ?? [])].join(' OR ')})`);
  const collations = table.rowid === null ? table.key.map(({ collation }) => ` COLLATE ${quote(collation)}`) : [''];
  const isNoted = keys.map((name, i) => `${its}.${quote(name)}${collations[i]} = r.k${i}`).join(' AND ');
  const find = sql
    .prepare(`SELECT r.*, CASE ${foreign.map(({ broken }, i) => `WHEN ${broken} THEN ${i}`).join(' ')} END AS broken
      FROM ${noted} AS r JOIN ${its} ON ${isNoted}
      WHERE r.id > ? AND r.id <= ? AND (${isBroken}) AND ${isOwn(its)} ORDER BY r.id`)
    .safeIntegers();
  const last = sql.prepare(`SELECT max(id) FROM ${noted}`).pluck();
  const values = foreign.map(({ columns }) =>
    sql
      .prepare(`SELECT ${columns.map((name) => `${its}.${quote(name)}`).join(', ')} FROM ${its} WHERE ${isKey(table)}`)
      .raw()
      .safeIntegers(),
  );
  const remove = sql.prepare(`DELETE FROM ${its} WHERE ${isKey(table)}`);
  const forget = sql.prepare(`DELETE FROM ${noted} WHERE id = ?`);
  const referring = referringTo(sql, table);

  /** Another table may refer to the row, which is visible to everybody. */
  const requireUnused = (key: readonly unknown[], { source, line }: RowOrigin) => {
    const user = referring.find(({ find }) => find.get(...key) !== undefined);
    if (user === undefined) return;
    throw new Error(
      `${source} line ${line}: it refers to a row that does not exist, and cannot be set aside: a row of table ${show(user.table)} refers to it`,
    );
  };

  return {
    note: (key, { source, line, lastLine, text }) => {
      if (foreign.length > 0) note.run(source, line, lastLine, text, ...key);
    },
    settle: ({ id: checked, removed: before }, maxRejects, setAside) => {
      if (foreign.length === 0) return NO_REFERENCES;
      const to = checked + ROWS_AT_ONCE;
      let rejected = 0;
      for (const row of find.all(checked, to) as NotedRow[]) {
        const key = keys.map((_, i) => row[`k${i}`]);
        const at = Number(row.broken);
        const [value = null, ...others] = (values[at]?.get(...key) as unknown[] | undefined) ?? [];
        const columns = foreign[at]?.columns ?? [];
        const origin = { source: row.source, line: Number(row.line), lastLine: Number(row.lastLine), text: row.text };
        const reject = {
          ...origin,
          column: columns.length === 1 ? (columns[0] ?? null) : null,
          reason: 'it refers to a row that does not exist',
        };
        if (rejected === maxRejects) {
          const shown = others.length === 0 && value !== null ? String(value) : row.text;
          const bad = { ...reject, value: shown, isFatal: false };
          return { rejected, bad, next: { id: checked, removed: before } };
        }
        requireUnused(key, origin);
        setAside(reject);
        remove.run(...key);
        forget.run(row.id);
        rejected++;
      }
      const removed = before + rejected;
      if (to < Number(last.get() ?? 0)) return { rejected, bad: null, next: { id: to, removed } };
      return { rejected, bad: null, next: removed === 0 ? null : FIRST_REFERENCE };
    },
  };
};

interface NotedRow extends RowOrigin {
  readonly id: bigint;
  readonly broken: bigint;
  readonly [key: `k${number}`]: unknown;
}

interface Reference {
  /** The referring columns. */
  readonly columns: readonly string[];
  /** SQL that is true of a row that refers to a missing row. */
  readonly broken: string;
  /** SQL that is true of a row that refers to its own table; null if the key does not. */
  readonly own: string | null;
}

/**
 * For each foreign key of a table, its columns and SQL that is true of a row NEW that refers to a missing row.
 * @param hidden a table whose rows count as rows of this one
 */
export const missingReferences = (
  sql: Sqlite.Database,
  table: CatalogueTable,
  hidden: string,
): readonly Pick<Reference, 'columns' | 'broken'>[] => foreignKeysIn(sql, table, 'NEW', hidden);

const foreignKeysIn = (
  sql: Sqlite.Database,
  table: CatalogueTable,
  its = quote(table.name),
  hidden: string | null = null,
): readonly Reference[] => {
  return grouped(foreignKeysOf(sql, table.name)).map((parts) => {
    const parent = readTable(sql, parts[0]?.table ?? '');
    const columns = parts.map(({ from }) => from);
    const isSet = columns.map((name) => `${its}.${quote(name)} NOT NULL`);
    // The plus sign removes the affinity of the column: SQLite compares with the affinity and collation of the parent.
    const same = parts.map(
      ({ from, to }, i) => `p.${quote(to ?? parent?.key[i]?.name ?? from)} = +${its}.${quote(from)}`,
    );
    const isOwn = parent !== undefined && fold(parent.name) === fold(table.name);
    const parents = parent === undefined ? [] : [parent.name, ...(isOwn && hidden !== null ? [hidden] : [])];
    const missing = parents.map((name) => `NOT EXISTS (SELECT 1 FROM ${quote(name)} AS p WHERE ${same.join(' AND ')})`);
    return {
      columns,
      broken: `(${[...isSet, ...missing].join(' AND ')})`,
      own: isOwn ? `(${isSet.join(' AND ')})` : null,
    };
  });
};

const grouped = <K extends ForeignKey>(keys: readonly K[]): readonly (readonly K[])[] => {
  const byId = new Map<number, K[]>();
  for (const key of keys) byId.set(key.id, [...(byId.get(key.id) ?? []), key]);
  return [...byId.values()];
};

/** For each other table that refers to this one, a query for its rows that refer to a row with a key. */
const referringTo = (sql: Sqlite.Database, table: CatalogueTable) => {
  const its = quote(table.name);
  const others = allForeignKeys(sql).filter(
    (key) => fold(key.table) === fold(table.name) && fold(key.child) !== fold(table.name),
  );
  return [...new Set(others.map(({ child }) => child))].flatMap((child) =>
    grouped(others.filter((key) => key.child === child)).map((parts) => {
      const same = parts.map(
        ({ from, to }, i) => `${its}.${quote(to ?? table.key[i]?.name ?? '')} = +c.${quote(from)}`,
      );
      const find = sql.prepare(
        `SELECT 1 FROM ${quote(child)} AS c, ${its} WHERE ${isKey(table).replaceAll(/^|(?<= AND )/g, `${its}.`)} AND ${same.join(' AND ')}`,
      );
      return { table: child, find };
    }),
  );
};
