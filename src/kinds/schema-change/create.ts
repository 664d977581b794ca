/** Checks the request and creates nothing. */
import { portOf } from '../../databases/port-of.ts';
import { quote } from '../../databases/quote.ts';
import { cutText } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import type { AddColumn, Change, Details } from './details.ts';
import { parseInput, type SchemaChangeRequest } from './input.ts';
import { PORTS } from './ports.ts';

export const create = async (request: SchemaChangeRequest, environment: Environment): Promise<Creation<Details>> => {
  const input = parseInput(request);
  const { database } = input;
  const { changes, tables, held } = await portOf(PORTS, environment).plan(environment, database, input.changes);
  return {
    details: { database, tables, changes },
    description: cutText(describe(database, changes)),
    database,
    holds: held.map((table) => ({ table, mode: 'alter' })),
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
  if (change.what === 'addColumn') return `ADD COLUMN ${columnText(change.column)}`;
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
    .map((edit) => `ALTER ${column} ${edit}`)
    .join(', ');
};

const columnText = ({ name, type, nullable, default: text }: AddColumn['column']): string =>
  [quote(name), type, ...(nullable ? [] : ['NOT NULL']), ...(text === null ? [] : [`DEFAULT ${text}`])].join(' ');
