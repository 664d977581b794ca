/**
 * Compares each row of the hidden table with the rows of an existing table, in a temporary trigger after its insertion:
 * NOT NULL, CHECKs and types come first, as in the existing table. Uniqueness is next, and foreign keys are last.
 */
import type Sqlite from 'better-sqlite3';
import type { Table } from '../../../databases/sqlite/catalogue.ts';
import { displacedIn, uniqueIndex, uniqueRowid } from '../../../databases/sqlite/displaced.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { missingReferences } from './references.ts';

/** A constraint that a row violates, with the error that the existing table would cause. */
export interface Mismatch {
  readonly isConflict: boolean;
  readonly message: string;
  readonly code: string;
  /** SQL that is true of the new row if it violates the constraint. */
  readonly where: string;
}

const TRIGGER = '_signalbox_validate';

/** Inside a transaction. */
export const createComparison = (sql: Sqlite.Database, table: Table, hidden: string): readonly Mismatch[] => {
  dropComparison(sql);
  const mismatches = [...conflictsIn(table), ...referencesIn(sql, table, hidden)];
  const statements = mismatches.map(({ where }, i) => `SELECT RAISE(ABORT, '${TRIGGER} ${i}') WHERE ${where};`);
  if (statements.length === 0) return mismatches;
  sql.exec(`CREATE TEMP TRIGGER ${TRIGGER} AFTER INSERT ON main.${quote(hidden)} BEGIN
    ${statements.join('\n')}
    END`);
  return mismatches;
};

export const dropComparison = (sql: Sqlite.Database): void => {
  sql.exec(`DROP TRIGGER IF EXISTS temp.${TRIGGER}`);
};

/** The constraint that an error of the trigger stands for; null for any other error. */
export const mismatchIn = (mismatches: readonly Mismatch[], { message }: Error): Mismatch | null =>
  mismatches.find((_, i) => message === `${TRIGGER} ${i}`) ?? null;

const conflictsIn = (table: Table): readonly Mismatch[] => {
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
    where: `EXISTS (SELECT 1 FROM ${its} WHERE ${displaced(unique).where})`,
  }));
};

const referencesIn = (sql: Sqlite.Database, table: Table, hidden: string): readonly Mismatch[] =>
  missingReferences(sql, table, hidden).map((where) => ({
    isConflict: false,
    message: 'FOREIGN KEY constraint failed',
    code: 'SQLITE_CONSTRAINT_FOREIGNKEY',
    where,
  }));
