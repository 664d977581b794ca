/** Plans a schema change that is to be created. Writes nothing. */
import { fold } from '../../../databases/sqlite/names.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { readDatabase } from '../../../databases/sqlite/read-database.ts';
import type { Environment } from '../../../jobs/kind.ts';
import type { Change } from '../details.ts';
import type { PlannedChanges } from '../port.ts';
import { defaultText } from './apply.ts';
import { planFor } from './plan.ts';

export const plan = (environment: Environment, database: string, changes: readonly Change[]): PlannedChanges => {
  const found = readDatabase(fileOf(environment), database, (sql) => planFor(sql, changes));
  const tables = found.tables.map(({ name }) => name);
  // The statement of a table also changes if its foreign key names a renamed column.
  const others = found.texts.flatMap(({ type, name }) => (type === 'table' && !tables.includes(name) ? [name] : []));
  return {
    changes: changes.map((change) => spelled(change, tables)),
    tables,
    held: [...tables, ...others].map(fold),
  };
};

const spelled = (change: Change, tables: readonly string[]): Change => {
  const table = tables.find((name) => fold(name) === fold(change.table)) ?? change.table;
  if (change.what !== 'addColumn' || change.column.default === null) return { ...change, table };
  return { ...change, table, column: { ...change.column, default: defaultText(change.column.default) } };
};
