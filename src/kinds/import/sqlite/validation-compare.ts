/**
 * Compares each row of the hidden table with the rows of an existing table, in a temporary trigger after its insertion:
 * NOT NULL, CHECKs and types come first, as in the existing table. Uniqueness is next, and foreign keys are last.
 */
import type Sqlite from 'better-sqlite3';
import type { Table } from '../../../databases/sqlite/catalogue.ts';
import { displacedIn, uniqueIndex, uniqueRowid } from '../../../databases/sqlite/displaced.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { missingReferences } from './references.ts';
import type { Overlay } from './validation-overlay.ts';

/** A constraint that a row violates, with the error that the existing table would cause. */
export interface Mismatch {
  readonly isConflict: boolean;
  readonly message: string;
  readonly code: string;
  /** SQL that is true of the new row if it violates the constraint. */
  readonly where: string;
  /** SQL that is true of an updated row that may violate it. */
  readonly whenUpdated: string;
}

const TRIGGER = '_signalbox_validate';

/** Inside a transaction. @param overlay which rows of the existing table count; null: all of them */
export const createComparison = (
  sql: Sqlite.Database,
  table: Table,
  hidden: string,
  overlay: Overlay | null,
): readonly Mismatch[] => {
  dropComparison(sql);
  const mismatches = [...conflictsIn(table, overlay), ...referencesIn(sql, table, hidden)];
  if (mismatches.length === 0) return mismatches;
  const raise = (where: string, i: number) => `SELECT RAISE(ABORT, '${TRIGGER} ${i}') WHERE ${where};`;
  const on = quote(hidden);
  const when = overlay === null ? '' : `WHEN NOT ${overlay.isCopying}`;
  sql.exec(`CREATE TEMP TRIGGER ${TRIGGER} AFTER INSERT ON main.${on} ${when} BEGIN
    ${mismatches.map(({ where }, i) => raise(where, i)).join('\n')}
    END;
    CREATE TEMP TRIGGER ${TRIGGER}_update AFTER UPDATE ON main.${on} BEGIN
    ${mismatches.map(({ where, whenUpdated }, i) => raise(`(${whenUpdated}) AND ${where}`, i)).join('\n')}
    END`);
  return mismatches;
};

export const dropComparison = (sql: Sqlite.Database): void => {
  for (const name of [TRIGGER, `${TRIGGER}_update`]) sql.exec(`DROP TRIGGER IF EXISTS temp.${name}`);
};

/** The constraint that an error of the trigger stands for; null for any other error. */
export const mismatchIn = (mismatches: readonly Mismatch[], { message }: Error): Mismatch | null =>
  mismatches.find((_, i) => message === `${TRIGGER} ${i}`) ?? null;

const conflictsIn = (table: Table, overlay: Overlay | null): readonly Mismatch[] => {
  const displaced = displacedIn(table);
  const its = quote(table.name);
  const keyed =
    table.alias === null
      ? []
      : [{ unique: uniqueRowid(table.alias), parts: [table.alias], code: 'SQLITE_CONSTRAINT_PRIMARYKEY' }];
  const indexed = table.indexes
    .filter(({ unique }) => unique)
    .map((index) => ({
      unique: uniqueIndex(index),
      parts: index.parts.map(({ name }) => name),
      code: index.origin === 'pk' ? 'SQLITE_CONSTRAINT_PRIMARYKEY' : 'SQLITE_CONSTRAINT_UNIQUE',
    }));
  return [...keyed, ...indexed].map(({ unique, parts, code }) => ({
    isConflict: true,
    // As SQLite words it: an index with an expression is named itself.
    message: `UNIQUE constraint failed: ${parts.includes(null) ? `index '${unique.name}'` : parts.map((name) => `${table.name}.${name}`).join(', ')}`,
    code,
    where: `EXISTS (SELECT 1 FROM ${its} WHERE ${displaced(unique).where}${overlay === null ? '' : ` AND ${overlay.isCurrent(its)}`})`,
    whenUpdated: '1',
  }));
};

const referencesIn = (sql: Sqlite.Database, table: Table, hidden: string): readonly Mismatch[] =>
  missingReferences(sql, table, hidden).map(({ columns, broken }) => ({
    isConflict: false,
    message: 'FOREIGN KEY constraint failed',
    code: 'SQLITE_CONSTRAINT_FOREIGNKEY',
    where: broken,
    whenUpdated: columns.map((name) => `OLD.${quote(name)} IS NOT NEW.${quote(name)}`).join(' OR '),
  }));
