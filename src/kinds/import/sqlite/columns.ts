/** The columns of a new table: checks their names, types and defaults, and builds the CREATE TABLE statement. */
import Sqlite from 'better-sqlite3';
import type { ColumnShape } from '../../../databases/database.ts';
import { show } from '../../../databases/show.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import { isLiteral } from '../../../databases/sqlite/sql-text.ts';
import { readType, sqliteTypeOf, typeProblem } from '../../../databases/sqlite/types/declared-type.ts';
import { badInput, messageOf } from '../../../errors.ts';
import type { TableColumn } from '../details.ts';
import type { ColumnRules } from '../port.ts';

/**
 * A syntax check is not enough, since a type can hide more (`TEXT UNIQUE`). Each column is therefore declared in an
 * in-memory database, and the result must match the request.
 * @throws badInput naming the column's field
 */
export const checkColumns = (columns: readonly ColumnShape[]): void => {
  checkNames(columns);
  const probe = new Sqlite(':memory:');
  try {
    for (const [i, column] of columns.entries()) {
      checkType(column, `input.columns.${i}.type`);
      checkDefault(probe, column, isStrict(columns), `input.columns.${i}.default`);
    }
    probe.exec(createTable('probe', columns));
  } catch (error) {
    if (error instanceof Sqlite.SqliteError)
      throw badInput('input.columns', `the columns cannot form a table: ${error.message}`);
    throw error;
  } finally {
    probe.close();
  }
};

/** SQLite allows only these types in a STRICT table, see docs/decisions/0007. */
export const isStrict = (columns: readonly ColumnShape[]): boolean =>
  columns.every(({ type }) => /^(int|integer|real|text|blob|any)$/i.test(type));

/** The column that is an alias of the rowid: SQLite assigns a number when its value is NULL. */
export const rowidColumn = (columns: readonly ColumnShape[]): ColumnShape | undefined => {
  const keys = columns.filter(({ primaryKey }) => primaryKey);
  return keys.length === 1 && /^integer$/i.test(keys[0]?.type ?? '') ? keys[0] : undefined;
};

export const COLUMN_RULES: ColumnRules = {
  fold,
  requiredIn: (columns) => {
    const rowid = rowidColumn(columns);
    const isRequired = (column: TableColumn) =>
      (!column.nullable || (column.primaryKey && column !== rowid)) && column.default === null && !column.generated;
    return columns.flatMap((column, i) => (isRequired(column) ? [i] : []));
  },
  isUntyped: (type) => /^(any)?$/i.test(type),
  isBytes: (type) => readType(type)?.family === 'bytes',
  isNumeric: (type) => /^(integer|real|decimal)$/.test(readType(type)?.family ?? ''),
};

export const createTable = (name: string, columns: readonly ColumnShape[]): string => {
  const keys = columns.filter(({ primaryKey }) => primaryKey);
  const rowid = rowidColumn(columns);
  const strict = isStrict(columns);
  const lines = columns.map((column) => {
    const { name, type, nullable, primaryKey, default: literal } = column;
    return [
      quote(name),
      sqliteTypeOf(type, strict),
      ...(column === rowid ? ['PRIMARY KEY'] : []),
      // A primary key of an ordinary table would accept any number of NULLs.
      ...(nullable && (column === rowid || !primaryKey) ? [] : ['NOT NULL']),
      ...(literal === null ? [] : [`DEFAULT ${literal}`]),
    ].join(' ');
  });
  if (rowid === undefined && keys.length > 0) {
    lines.push(`PRIMARY KEY (${keys.map(({ name }) => quote(name)).join(', ')})`);
  }
  return `CREATE TABLE ${quote(name)} (\n  ${lines.join(',\n  ')}\n)${strict ? ' STRICT' : ''}`;
};

const checkNames = (columns: readonly ColumnShape[]) => {
  const names = columns.map(({ name }) => fold(name));
  const duplicate = names.findIndex((name, i) => names.indexOf(name) < i);
  if (duplicate === -1) return;
  throw badInput(`input.columns.${duplicate}.name`, `column ${show(columns[duplicate]?.name ?? null)} is named twice`);
};

const checkType = ({ type }: ColumnShape, field: string) => {
  const problem = typeProblem(type);
  if (problem !== null) throw badInput(field, `type ${show(type)} ${problem}`);
};

const checkDefault = (probe: Sqlite.Database, column: ColumnShape, strict: boolean, field: string) => {
  const { type, default: literal } = column;
  if (literal === null) return;
  const invalid = badInput(field, `default ${show(literal)} is not one SQL literal`);
  if (!isLiteral(literal)) throw invalid;
  inProbe(
    probe,
    `CREATE TABLE one (c ${sqliteTypeOf(type, strict)} DEFAULT ${literal})${strict ? ' STRICT' : ''}`,
    invalid,
    () => {
      try {
        probe.exec('INSERT INTO one DEFAULT VALUES');
      } catch (error) {
        throw badInput(field, `default ${show(literal)}: ${messageOf(error).replace(' one.c', '')}`);
      }
    },
  );
};

const inProbe = <T>(probe: Sqlite.Database, create: string, invalid: Error, use: () => T): T => {
  try {
    probe.exec(create);
  } catch {
    throw invalid;
  }
  try {
    return use();
  } finally {
    probe.exec('DROP TABLE one');
  }
};
