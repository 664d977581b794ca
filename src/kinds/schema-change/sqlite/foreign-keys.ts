/**
 * Checks the rows of a table against foreign keys that are added to it. A trigger on the hidden copy looks up the parent
 * of each row that is copied, and keeps the values of the row's key as an entry, in the parent's affinity and collation.
 * Triggers on the parent note the keys that writers take away; once the copy is up to date, no entry may have a noted key
 * that the parent lacks. The copy itself has no foreign key, because it would make writers of the parent fail.
 */
import type Sqlite from 'better-sqlite3';
import { createSizer } from '../../../databases/batch-sizer.ts';
import { show } from '../../../databases/show.ts';
import { readTable, type Table } from '../../../databases/sqlite/catalogue.ts';
import { displacedIn, uniqueIndex, uniqueRowid } from '../../../databases/sqlite/displaced.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { keyColumns, noted } from './key-sql.ts';
import type { CopyNames } from './names.ts';
import type { ForeignKeyPlan, TablePlan } from './table-plan.ts';

/** A trigger that is still to be named. */
export interface UnnamedTrigger {
  readonly table: string;
  /** What follows its name. */
  readonly text: string;
}

const namesOf = (names: CopyNames, n: number) => ({
  entries: quote(`${names.parents}${n}_entries`),
  log: quote(`${names.parents}${n}_log`),
});

const valuesOf = ({ to }: ForeignKeyPlan): readonly string[] => to.map((_, i) => `v${i}`);

const and = (conditions: readonly string[]): string => conditions.join(' AND ');

/** Runs inside a transaction. */
export const createForeignKeyChecks = (sql: Sqlite.Database, { key, foreignKeys }: TablePlan, names: CopyNames) => {
  for (const [n, foreignKey] of foreignKeys.entries()) {
    const { entries, log } = namesOf(names, n);
    const values = valuesOf(foreignKey);
    const columns = foreignKey.to.map(({ affinity, collation }, i) => `v${i} ${affinity} COLLATE ${quote(collation)}`);
    const all = [...values, ...noted(key)].join(', ');
    sql.exec(`CREATE TABLE ${entries} (${[...columns, ...noted(key)].join(', ')}, PRIMARY KEY (${all})) WITHOUT ROWID;
      CREATE TABLE ${log} (seq INTEGER PRIMARY KEY, ${columns.join(', ')})`);
    const own = (row: string) => foreignKey.columns.map((column) => `${row}${quote(column)}`);
    const isWhole = (row: string) => and(own(row).map((value) => `${value} IS NOT NULL`));
    const entry = (row: string) => [...own(row), ...keyColumns(key, 'to', row)];
    const old = entry('OLD.');
    const isOld = and([...values, ...noted(key)].map((value, i) => `${value} = +${old[i]}`));
    sql.exec(`CREATE TRIGGER ${quote(`${names.parents}${n}_in`)} AFTER INSERT ON ${quote(names.copy)}
      WHEN ${isWhole('NEW.')} BEGIN
        SELECT RAISE(ABORT, '${MESSAGE}${n}') WHERE NOT EXISTS (${parentOf(foreignKey, own('NEW.'))});
        INSERT INTO ${entries} VALUES (${entry('NEW.').join(', ')});
      END;
      CREATE TRIGGER ${quote(`${names.parents}${n}_out`)} AFTER DELETE ON ${quote(names.copy)} WHEN ${isWhole('OLD.')}
      BEGIN DELETE FROM ${entries} WHERE ${isOld}; END`);
  }
};

const MESSAGE = 'signalbox: no parent for foreign key ';

/** The unary plus removes the affinity of a value, so that it is compared as a foreign key compares it. */
const parentOf = ({ parent, to }: ForeignKeyPlan, values: readonly string[]): string =>
  `SELECT 1 FROM ${quote(parent)} AS p WHERE ${and(to.map(({ name }, i) => `p.${quote(name)} = +${values[i]}`))}`;

/** The foreign key that a row which the copy rejected violates. */
export const violatedBy = (error: Error, { foreignKeys }: TablePlan): ForeignKeyPlan | undefined =>
  error.message.startsWith(MESSAGE) ? foreignKeys[Number(error.message.slice(MESSAGE.length))] : undefined;

export const parentReason = ({ parent, to }: ForeignKeyPlan): string =>
  `table ${show(parent)} has no row with the same ${to.map(({ name }) => show(name)).join(', ')}`;

/** Triggers on the parents. They note more keys than necessary, which does no harm. */
export const parentTriggers = (
  sql: Sqlite.Database,
  { foreignKeys }: TablePlan,
  names: CopyNames,
): readonly UnnamedTrigger[] =>
  foreignKeys.flatMap((foreignKey, n) => {
    const { parent, to } = foreignKey;
    const table = quote(parent);
    const into = `INSERT INTO ${namesOf(names, n).log} (${valuesOf(foreignKey).join(', ')})`;
    const columns = (row: string) => to.map(({ name }) => `${row}${quote(name)}`);
    const isChanged = to.map(({ name }) => `OLD.${quote(name)} IS NOT NEW.${quote(name)}`).join(' OR ');
    const old = `${into} VALUES (${columns('OLD.').join(', ')});`;
    return [
      `AFTER DELETE ON ${table} BEGIN ${old} END`,
      `AFTER UPDATE ON ${table} WHEN ${isChanged} BEGIN ${old} END`,
      ...displacedFrom(sql, parent).flatMap(({ where, reads }) => {
        const note = `${into} SELECT ${columns(`${table}.`).join(', ')} FROM ${table} WHERE ${where};`;
        const isMoved = reads.map((column) => `OLD.${quote(column)} IS NOT NEW.${quote(column)} COLLATE BINARY`);
        return [
          `BEFORE INSERT ON ${table} BEGIN ${note} END`,
          `BEFORE UPDATE ON ${table} WHEN ${isMoved.join(' OR ') || '0'} BEGIN ${note} END`,
        ];
      }),
    ].map((text) => ({ table: parent, text }));
  });

const displacedFrom = (sql: Sqlite.Database, parent: string) => {
  const table = readTable(sql, parent);
  return table === undefined ? [] : uniquesOf(table).map(displacedIn(table));
};

const uniquesOf = ({ indexes, rowid }: Table) => [
  ...indexes.filter(({ unique }) => unique).map(uniqueIndex),
  ...(rowid === null ? [] : [uniqueRowid(rowid)]),
];

export interface ForeignKeyChecks {
  /** Whether keys that writers took from parents are still to be checked. */
  isNoted(): boolean;
  /** Checks noted keys until this time of `performance.now()`. The copy has to be up to date. */
  check(until: number): void;
  /** Checks all rows, if the triggers on a parent cannot find every row that a REPLACE displaces there. */
  checkUnpredictable(): void;
}

/** @param violated makes an error of the key and the values of a row without a parent */
export const openForeignKeyChecks = (
  sql: Sqlite.Database,
  { key, foreignKeys }: TablePlan,
  names: CopyNames,
  violated: (foreignKey: ForeignKeyPlan, row: readonly unknown[]) => Error,
): ForeignKeyChecks => {
  const checks = foreignKeys.map((foreignKey, n) => {
    const { entries, log } = namesOf(names, n);
    const values = valuesOf(foreignKey);
    const selected = [...noted(key), ...values].map((column) => `e.${column}`).join(', ');
    const isLacking = `NOT EXISTS (${parentOf(
      foreignKey,
      values.map((value) => `e.${value}`),
    )}) LIMIT 1`;
    const isSame = and(values.map((value) => `e.${value} = note.${value}`));
    return {
      foreignKey,
      sizer: createSizer({ first: FIRST_NOTES }),
      isUnpredictable: displacedFrom(sql, foreignKey.parent).some((displaced) => displaced.isUnpredictable),
      isNoted: sql.prepare(`SELECT 1 FROM ${log} LIMIT 1`),
      last: sql.prepare(`SELECT max(seq) FROM (SELECT seq FROM ${log} ORDER BY seq LIMIT ?)`).pluck(),
      lacking: sql.prepare(
        `SELECT ${selected} FROM ${log} AS note CROSS JOIN ${entries} AS e ON ${isSame} WHERE note.seq <= ? AND ${isLacking}`,
      ),
      anyLacking: sql.prepare(`SELECT ${selected} FROM ${entries} AS e WHERE ${isLacking}`),
      drop: sql.prepare(`DELETE FROM ${log} WHERE seq <= ?`),
    };
  });
  const reject = (foreignKey: ForeignKeyPlan, statement: Sqlite.Statement, ...given: readonly unknown[]) => {
    const found = statement
      .raw()
      .safeIntegers()
      .get(...given) as readonly unknown[] | undefined;
    if (found !== undefined) throw violated(foreignKey, found);
  };
  const isNoted = () => checks.some((one) => one.isNoted.get() !== undefined);
  return {
    isNoted,
    check: (until) => {
      for (const { foreignKey, sizer, ...text } of checks) {
        while (text.isNoted.get() !== undefined && performance.now() < until) {
          const beganAt = performance.now();
          const limit = sizer.sizeFor(until - beganAt);
          const last = text.last.get(limit);
          reject(foreignKey, text.lacking, last);
          const { changes } = text.drop.run(last);
          sizer.done(changes, performance.now() - beganAt);
        }
      }
    },
    checkUnpredictable: () => {
      for (const { foreignKey, isUnpredictable, anyLacking } of checks) {
        if (isUnpredictable) reject(foreignKey, anyLacking);
      }
    },
  };
};

const FIRST_NOTES = 32;
