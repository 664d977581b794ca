import { quote } from '../../databases/quote.ts';
import type { AddColumn, AddForeignKey, AlterColumn, Change, CreateIndex, IndexPart } from './details.ts';

/** The changes as statements; consecutive changes of one table are one statement. */
export const describe = (database: string, changes: readonly Change[]): string => {
  const statements: string[] = [];
  let altered: string | null = null;
  for (const change of changes) {
    const table = `${quote(database)}.${quote(change.table)}`;
    const text = alterText(change);
    if (text === null) {
      statements.push(change.what === 'createIndex' ? createText(change, table) : dropText(change, table));
      altered = null;
      continue;
    }
    if (altered === change.table) statements.push(`${statements.pop()}, ${text}`);
    else statements.push(`ALTER TABLE ${table} ${text}`);
    altered = change.what === 'renameTable' ? change.to : change.table;
  }
  return statements.join('; ');
};

const dropText = (change: Change, table: string): string =>
  `DROP INDEX ${quote(change.what === 'dropIndex' ? change.name : '')} ON ${table}`;

const createText = ({ name, columns, parts, unique, where }: CreateIndex, table: string): string => {
  const on = columns?.map(quote) ?? parts?.map(partText) ?? [];
  const condition = where === null ? '' : ` WHERE ${where}`;
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quote(name)} ON ${table} (${on.join(', ')})${condition}`;
};

/** A part as CREATE INDEX takes it. */
export const partText = ({ column, expression, order, collation }: IndexPart): string =>
  [
    column === null ? `(${expression})` : quote(column),
    ...(collation === null ? [] : [`COLLATE ${quote(collation)}`]),
    ...(order === 'ASC' ? [] : [order]),
  ].join(' ');

/** Null for an index. */
const alterText = (change: Change): string | null => {
  switch (change.what) {
    case 'addColumn':
      return `ADD COLUMN ${columnText(change.column)}`;
    case 'dropColumn':
      return `DROP COLUMN ${quote(change.column)}`;
    case 'renameColumn':
      return `RENAME COLUMN ${quote(change.column)} TO ${quote(change.to)}`;
    case 'renameTable':
      return `RENAME TO ${quote(change.to)}`;
    case 'addCheck':
      return `ADD CONSTRAINT ${quote(change.name)} CHECK (${change.expression})`;
    case 'addUnique':
      return `ADD CONSTRAINT ${quote(change.name)} UNIQUE (${change.columns.map(quote).join(', ')})`;
    case 'addForeignKey':
      return `ADD CONSTRAINT ${quote(change.name)} ${foreignKeyText(change)}`;
    case 'alterColumn':
      return alterColumnText(change);
    default:
      return null;
  }
};

/** The constraint as CREATE TABLE takes it, without its name. */
export const foreignKeyText = ({ columns, references, to, onDelete, onUpdate }: AddForeignKey): string =>
  [
    `FOREIGN KEY (${columns.map(quote).join(', ')}) REFERENCES ${quote(references)} (${to.map(quote).join(', ')})`,
    ...(onDelete === 'NO_ACTION' ? [] : [`ON DELETE ${onDelete.replace('_', ' ')}`]),
    ...(onUpdate === 'NO_ACTION' ? [] : [`ON UPDATE ${onUpdate.replace('_', ' ')}`]),
  ].join(' ');

const alterColumnText = ({ column, type, nullable, default: text, dropDefault }: AlterColumn): string =>
  [
    ...(type === null ? [] : [`TYPE ${type}`]),
    ...(nullable === null ? [] : [nullable ? 'DROP NOT NULL' : 'SET NOT NULL']),
    ...(text === null ? [] : [`SET DEFAULT ${text}`]),
    ...(dropDefault ? ['DROP DEFAULT'] : []),
  ]
    .map((edit) => `ALTER COLUMN ${quote(column)} ${edit}`)
    .join(', ');

const columnText = ({ name, type, nullable, default: text }: AddColumn['column']): string =>
  [quote(name), type, ...(nullable ? [] : ['NOT NULL']), ...(text === null ? [] : [`DEFAULT ${text}`])].join(' ');
