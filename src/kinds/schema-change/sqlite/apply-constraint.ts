/** Changes of indexes and constraints, and of the name of a table, in a shadow catalogue. */
import { show } from '../../../databases/show.ts';
import { readTable } from '../../../databases/sqlite/catalogue.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import type { ShadowCatalogue } from '../../../databases/sqlite/shadow-catalogue.ts';
import { constraintNames, withConstraint } from '../../../databases/sqlite/table-text.ts';
import { badInput } from '../../../errors.ts';
import { foreignKeyText, partText } from '../describe.ts';
import type { AddCheck, AddForeignKey, AddUnique, CreateIndex, DropIndex, IndexPart, RenameTable } from '../details.ts';
import { type ChangeContext, checkExpression, findColumn, rejectUnparsed, run } from './change-context.ts';
import { isParentKey } from './plan-foreign-keys.ts';

export const renameTable = (context: ChangeContext, { table, to }: RenameTable): ShadowCatalogue => {
  const { shadow, objects, path } = context;
  const field = `${path}.to`;
  const conflict = objects.find(({ type, name }) => type !== 'trigger' && name !== table && fold(name) === fold(to));
  if (conflict !== undefined) throw badInput(field, `${conflict.type} ${show(conflict.name)} already exists`);
  if (table === to) throw badInput(field, `table ${show(table)} already has this name`);
  rejectUnparsed(context, table, table, `${path}.table`);
  run(
    shadow,
    `ALTER TABLE ${quote(table)} RENAME TO ${quote(to)}`,
    field,
    () => `table ${show(table)} cannot be renamed`,
  );
  return shadow;
};

export const addCheck = (context: ChangeContext, { table, name, expression }: AddCheck): ShadowCatalogue => {
  const { path } = context;
  checkExpression(expression, 'expression', `${path}.expression`);
  return addConstraint(context, table, name, `CHECK (${expression.trim()})`, 'expression');
};

export const addUnique = (context: ChangeContext, { table, name, columns }: AddUnique): ShadowCatalogue => {
  const found = findColumns(context, table, columns, 'columns');
  return addConstraint(context, table, name, `UNIQUE (${found.map(quote).join(', ')})`, 'columns');
};

/** @param change with the parent as the catalogue spells it */
export const addForeignKey = (context: ChangeContext, change: AddForeignKey): ShadowCatalogue => {
  const { table, name, references } = change;
  const columns = findColumns(context, table, change.columns, 'columns');
  const to = findColumns(context, references, change.to, 'to');
  const field = `${context.path}.to`;
  if (!isParentKey(context.shadow, references, to)) {
    throw badInput(field, `the columns of table ${show(references)} are neither its primary key nor unique together`);
  }
  return addConstraint(context, table, name, foreignKeyText({ ...change, columns, to }), 'to');
};

const addConstraint = (
  { objects, path, reopen, shadow }: ChangeContext,
  table: string,
  name: string,
  text: string,
  field: string,
): ShadowCatalogue => {
  const indexes = readTable(shadow.sql, table)?.indexes.length;
  const next = reopen(
    objects.map((object) => {
      if (object.type !== 'table' || object.name !== table) return object;
      if (constraintNames(object.sql).has(fold(name))) {
        throw badInput(`${path}.name`, `table ${show(table)} has a constraint ${show(name)} already`);
      }
      return { ...object, sql: withConstraint(object.sql, `CONSTRAINT ${quote(name)} ${text}`) };
    }),
  );
  const error = next.missing.get(`table ${table}`);
  if (error !== undefined) throw badInput(`${path}.${field}`, `constraint ${show(name)} cannot be added: ${error}`);
  // SQLite needs no second index for columns that are unique already.
  if (field === 'columns' && readTable(next.sql, table)?.indexes.length === indexes) {
    throw badInput(`${path}.${field}`, `the columns of table ${show(table)} are unique already`);
  }
  return next;
};

/** The columns as the table spells them. */
const findColumns = (
  context: ChangeContext,
  table: string,
  columns: readonly string[],
  field: string,
): readonly string[] => {
  const found = columns.map((column, i) => findColumn(context, table, column, `${context.path}.${field}.${i}`).name);
  const twice = found.findIndex((column, i) => found.indexOf(column) < i);
  if (twice === -1) return found;
  throw badInput(`${context.path}.${field}.${twice}`, `column ${show(columns[twice] ?? '')} is named twice`);
};

export const createIndex = (
  context: ChangeContext,
  { table, name, columns, parts, unique, where }: CreateIndex,
): ShadowCatalogue => {
  const { shadow, objects, path } = context;
  const conflict = objects.find((object) => object.type !== 'trigger' && fold(object.name) === fold(name));
  if (conflict !== undefined) throw badInput(`${path}.name`, `${conflict.type} ${show(name)} already exists`);
  const on =
    parts === null
      ? findColumns(context, table, columns ?? [], 'columns').map(quote)
      : partTexts(context, table, parts);
  let condition = '';
  if (where !== null) {
    const field = `${path}.where`;
    checkExpression(where, 'where', field);
    run(shadow, `SELECT 1 FROM ${quote(table)} WHERE (${where})`, field, () => `where ${show(where)}`, 'prepare');
    condition = ` WHERE ${where.trim()}`;
  }
  const statement = `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quote(name)} ON ${quote(table)} (${on.join(', ')})${condition}`;
  run(
    shadow,
    statement,
    `${path}.${where !== null ? 'where' : parts === null ? 'name' : 'parts'}`,
    () => `index ${show(name)} cannot be created`,
  );
  return shadow;
};

const partTexts = (context: ChangeContext, table: string, parts: readonly IndexPart[]): readonly string[] =>
  parts.map((part, i) => {
    const field = `${context.path}.parts.${i}`;
    if (part.collation !== null) {
      const probe = `SELECT '' COLLATE ${quote(part.collation)} < ''`;
      run(context.shadow, probe, `${field}.collation`, () => `collation ${show(part.collation ?? '')}`, 'prepare');
    }
    if (part.expression === null) {
      return partText({ ...part, column: findColumn(context, table, part.column ?? '', `${field}.on.column`).name });
    }
    checkExpression(part.expression, 'expression', `${field}.on.expression`);
    const probe = `SELECT (${part.expression}) FROM ${quote(table)}`;
    const message = () => `expression ${show(part.expression ?? '')}`;
    run(context.shadow, probe, `${field}.on.expression`, message, 'prepare');
    return partText({ ...part, expression: part.expression.trim() });
  });

export const dropIndex = (context: ChangeContext, { table, name }: DropIndex): ShadowCatalogue => {
  const { shadow, objects, path } = context;
  const field = `${path}.name`;
  const found = objects.find((object) => object.type === 'index' && fold(object.name) === fold(name));
  if (found === undefined) throw badInput(field, `index ${show(name)} does not exist`);
  if (fold(found.table) !== fold(table))
    throw badInput(field, `index ${show(found.name)} is on table ${show(found.table)}`);
  run(shadow, `DROP INDEX ${quote(found.name)}`, field, () => `index ${show(found.name)} cannot be dropped`);
  return shadow;
};
