/** Finds the tables of a backup that is to be created, and rejects objects that could not be restored. */

import { show } from '../../../databases/show.ts';
import { type ListedTable, listTables, notOrdinary } from '../../../databases/sqlite/catalogue.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import type { Target } from '../../../databases/sqlite/open.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { readDatabase } from '../../../databases/sqlite/read-database.ts';
import { checkWal } from '../../../databases/sqlite/snapshot.ts';
import { belongingTo, declare, StatementError, statementsOf } from '../../../databases/sqlite/statements-check.ts';
import { badInput } from '../../../errors.ts';
import type { Environment } from '../../../jobs/kind.ts';

export const findTables = (
  environment: Environment,
  database: string,
  requested: readonly string[] | null,
): readonly string[] =>
  readDatabase(fileOf(environment), database, (sql) => {
    checkWal(sql, database);
    const listed = listTables(sql);
    const found = requested === null ? allTables(listed) : requestedTables(listed, requested);
    const names = found.map(({ name }) => name);
    checkStatements(sql, requested === null ? null : names);
    return names;
  });

/** The shadow tables of a virtual table are not reported, since the virtual table is. */
const allTables = (listed: readonly ListedTable[]): readonly ListedTable[] => {
  const tables = listed.filter(({ type }) => type !== 'view');
  const virtual = tables.find(({ type }) => type === 'virtual');
  if (virtual !== undefined) throw badInput('input.tables', `${show(virtual.name)} ${notBackedUp(virtual)}`);
  return tables;
};

const requestedTables = (listed: readonly ListedTable[], requested: readonly string[]): readonly ListedTable[] => {
  const tables = requested.map((name, i) => find(listed, requested, name, i));
  for (const [i, table] of tables.entries()) {
    const problem = notBackedUp(table);
    if (problem !== null) throw badInput(`input.tables.${i}`, `${show(table.name)} ${problem}`);
  }
  return tables;
};

/** The reason why a listed object cannot be backed up; null for a table. */
const notBackedUp = (table: ListedTable): string | null => {
  const problem = notOrdinary(table);
  return problem === null || table.type === 'view' ? problem : `${problem}, which cannot be backed up`;
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

/** Rejects, by name, anything that could not be restored. */
const checkStatements = (sql: Target['sql'], tables: readonly string[] | null) => {
  const ordinary = statementsOf(sql).filter((statement) => !/^CREATE VIRTUAL /i.test(statement));
  try {
    const declared = declare(ordinary);
    if (tables !== null) belongingTo(declared, tables);
  } catch (error) {
    throw error instanceof StatementError ? badInput('input.database', error.message) : error;
  }
};
