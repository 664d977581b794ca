/** Finds the tables of a backup that is to be created. */

import { show } from '../../../databases/show.ts';
import {
  hasModule,
  type ListedTable,
  listTables,
  notOrdinary,
  readObjects,
} from '../../../databases/sqlite/catalogue.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import type { Target } from '../../../databases/sqlite/open.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { readDatabase } from '../../../databases/sqlite/read-database.ts';
import { moduleOf } from '../../../databases/sqlite/references.ts';
import { declare, StatementError, statementsOf } from '../../../databases/sqlite/statements-check.ts';
import { badInput } from '../../../errors.ts';
import type { Environment } from '../../../jobs/kind.ts';

export const findTables = (
  environment: Environment,
  database: string,
  requested: readonly string[] | null,
): readonly string[] =>
  readDatabase(fileOf(environment), database, (sql) => {
    const listed = listTables(sql);
    const found = requested === null ? listed.filter(isShown) : requestedTables(sql, listed, requested);
    checkStatements(sql);
    return found.map(({ name }) => name);
  });

/** The tables in which a virtual table keeps its content come with it. */
const isShown = ({ type }: ListedTable) => type === 'table' || type === 'virtual';

const requestedTables = (
  sql: Target['sql'],
  listed: readonly ListedTable[],
  requested: readonly string[],
): readonly ListedTable[] => {
  const tables = requested.map((name, i) => find(listed, requested, name, i));
  for (const [i, table] of tables.entries()) {
    const problem = notBackedUp(sql, table);
    if (problem !== null) throw badInput(`input.tables.${i}`, `${show(table.name)} ${problem}`);
  }
  return tables;
};

/** The reason why a listed object cannot be backed up by its name; null for a table. */
const notBackedUp = (sql: Target['sql'], table: ListedTable): string | null => {
  if (table.shadowOf !== null) return `belongs to the virtual table ${show(table.shadowOf)}: back that up instead`;
  if (table.type !== 'virtual') return notOrdinary(table);
  const declared = readObjects(sql).find(({ type, name }) => type === 'table' && name === table.name);
  const module = moduleOf(declared?.sql ?? '');
  if (module === null || hasModule(sql, module)) return null;
  return `is a virtual table of module ${show(module)}, which this server does not have: omit tables to back up the whole database`;
};

const find = (
  listed: readonly ListedTable[],
  requested: readonly string[],
  name: string,
  index: number,
): ListedTable => {
  const field = `input.tables.${index}`;
  const found = listed.find((table) => fold(table.name) === fold(name));
  if (found === undefined) throw badInput(field, `table ${show(name)} does not exist`);
  if (requested.findIndex((other) => fold(other) === fold(name)) !== index) {
    throw badInput(field, `table ${show(name)} is named twice`);
  }
  return found;
};

/** Rejects, by its text, anything that could not be restored. */
const checkStatements = (sql: Target['sql']) => {
  try {
    declare(statementsOf(sql));
  } catch (error) {
    throw error instanceof StatementError ? badInput('input.database', error.message) : error;
  }
};
