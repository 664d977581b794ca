/** Checks the request and creates nothing. */

import { fold, quote } from '../../databases/sqlite/names.ts';
import { fileOf } from '../../databases/sqlite/place.ts';
import { readDatabase } from '../../databases/sqlite/read-database.ts';
import { cutText } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import { definition } from './apply.ts';
import type { Change, Details } from './details.ts';
import { type GivenInput, parseInput } from './input.ts';
import { planFor } from './plan.ts';

export const create = async (given: GivenInput, environment: Environment): Promise<Creation<Details>> => {
  const { database, changes } = parseInput(given);
  const { tables: planned, texts } = readDatabase(fileOf(environment), database, (sql) => planFor(sql, changes));
  const tables = planned.map(({ name }) => name);
  // The statement of a table also changes if its foreign key names a renamed column.
  const others = texts.flatMap(({ type, name }) => (type === 'table' && !tables.includes(name) ? [name] : []));
  const spelled = changes.map(
    (change): Change => ({
      ...change,
      table: tables.find((name) => fold(name) === fold(change.table)) ?? change.table,
    }),
  );
  return {
    details: { database, tables, changes: spelled },
    description: cutText(describe(database, spelled)),
    database,
    holds: [...tables, ...others].map((table) => ({ table: fold(table), mode: 'alter' })),
  };
};

/** Consecutive changes of one table form one statement. */
const describe = (database: string, changes: readonly Change[]): string => {
  const statements: string[] = [];
  let altered: string | null = null;
  for (const change of changes) {
    const table = `${quote(database)}.${quote(change.table)}`;
    if (change.what === 'createIndex' || change.what === 'dropIndex') {
      statements.push(
        change.what === 'createIndex' ? createText(change, table) : `DROP INDEX ${quote(change.name)} ON ${table}`,
      );
      altered = null;
    } else if (altered === change.table) statements.push(`${statements.pop()}, ${alterText(change)}`);
    else {
      statements.push(`ALTER TABLE ${table} ${alterText(change)}`);
      altered = change.table;
    }
  }
  return statements.join('; ');
};

const createText = (index: Extract<Change, { what: 'createIndex' }>, table: string): string => {
  const { name, columns, unique, where } = index;
  const of = columns.map((column) => quote(column)).join(', ');
  const condition = where === null ? '' : ` WHERE ${where}`;
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quote(name)} ON ${table} (${of})${condition}`;
};

const alterText = (change: Exclude<Change, { what: 'createIndex' | 'dropIndex' }>): string => {
  if (change.what === 'addColumn') return `ADD COLUMN ${definition(change.column)}`;
  const column = `COLUMN ${quote(change.column)}`;
  if (change.what === 'dropColumn') return `DROP ${column}`;
  if (change.what === 'renameColumn') return `RENAME ${column} TO ${quote(change.to)}`;
  const { type, nullable, default: text, dropDefault } = change;
  return [
    ...(type === null ? [] : [`TYPE ${type}`]),
    ...(nullable === null ? [] : [nullable ? 'DROP NOT NULL' : 'SET NOT NULL']),
    ...(text === null ? [] : [`SET DEFAULT ${text}`]),
    ...(dropDefault ? ['DROP DEFAULT'] : []),
  ]
    .map((said) => `ALTER ${column} ${said}`)
    .join(', ');
};
