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
  const renamed = found.tables.flatMap(({ name, to }) => (fold(to) === fold(name) ? [] : [to]));
  // The statement of a table also changes if its foreign key names a renamed column.
  const others = found.texts.flatMap(({ type, name }) => (type === 'table' && !tables.includes(name) ? [name] : []));
  const parents = found.tables.flatMap(({ foreignKeys }) => foreignKeys.map(({ parent }) => parent));
  return {
    changes: found.changes.map(withDefaultText),
    tables,
    held: [...new Set([...tables, ...renamed, ...others, ...parents].map(fold))],
  };
};

const withDefaultText = (change: Change): Change =>
  change.what !== 'addColumn' || change.column.default === null
    ? change
    : { ...change, column: { ...change.column, default: defaultText(change.column.default) } };
