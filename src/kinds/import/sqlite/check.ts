/** Checks the target of an import that is to be created. Writes nothing. */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { nameConflict, readTable as readCatalogued } from '../../../databases/sqlite/catalogue.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { readDatabase } from '../../../databases/sqlite/read-database.ts';
import { badInput } from '../../../errors.ts';
import type { Environment } from '../../../jobs/kind.ts';
import type { ImportTable, RequestedTable } from '../port.ts';
import { hasDeferredKeys, whyNotDeferred, whyNotUndone, whyNotValidated } from './affected.ts';
import { checkColumns } from './columns.ts';
import { readTable, TableError } from './table.ts';

export const check = (
  environment: Environment,
  { database, table, columns, onConflict, deferForeignKeys, validateOnly }: RequestedTable,
): ImportTable => {
  if (columns.length > 0) checkColumns(columns);
  return readDatabase(fileOf(environment), database, (sql) => {
    if (columns.length === 0) {
      const found = existing(sql, table);
      if (validateOnly) requireValidated(sql, found.table, { onConflict, deferForeignKeys });
      const why = whyNotUndone(sql, found.table, onConflict);
      if (why !== null) throw badInput('input.onConflict', `onConflict ${onConflict} is not possible: ${why}`);
      const whyNow = deferForeignKeys ? whyNotDeferred(sql, found.table, onConflict) : null;
      if (whyNow !== null) throw badInput('input.deferForeignKeys', `deferForeignKeys is not possible: ${whyNow}`);
      return { ...found, defersForeignKeys: isDeferred(sql, found.table, onConflict) };
    }
    const conflict = nameConflict(sql, table);
    if (conflict === null) return { table, columns };
    throw badInput('input.table', `database ${show(database)} has ${conflict} named ${show(table)} already`);
  });
};

const isDeferred = (sql: Sqlite.Database, name: string, onConflict: RequestedTable['onConflict']): boolean => {
  const table = readCatalogued(sql, name);
  return table !== undefined && hasDeferredKeys(table) && whyNotDeferred(sql, name, onConflict) === null;
};

const requireValidated = (
  sql: Sqlite.Database,
  name: string,
  options: Pick<RequestedTable, 'onConflict' | 'deferForeignKeys'>,
) => {
  const table = readCatalogued(sql, name);
  const why = table === undefined ? null : whyNotValidated(sql, table, options);
  if (why !== null) throw badInput('input.validateOnly', `validateOnly is not possible: ${why}`);
};

const existing = (sql: Sqlite.Database, table: string): ImportTable => {
  try {
    const { name, columns } = readTable(sql, table);
    return { table: name, columns };
  } catch (error) {
    throw error instanceof TableError ? badInput('input.table', error.message) : error;
  }
};
