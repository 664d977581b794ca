/**
 * Applies changes one by one to a shadow catalogue. A change that SQLite rejects there is rejected, with the input
 * field that requests it.
 */
import Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { type Column, columnsOf, foreignKeysOf, indexesOf, readTable } from '../../../databases/sqlite/catalogue.ts';
import { type CatalogueObject, keyOf } from '../../../databases/sqlite/catalogue-object.ts';
import { afterParentheses, isOperator, tokensOf } from '../../../databases/sqlite/lexer.ts';
import { fold, isReserved, quote } from '../../../databases/sqlite/names.ts';
import type { ShadowCatalogue } from '../../../databases/sqlite/shadow-catalogue.ts';
import { isLiteral } from '../../../databases/sqlite/sql-text.ts';
import { type ColumnEdit, withColumn } from '../../../databases/sqlite/table-text.ts';
import { badInput, messageOf } from '../../../errors.ts';
import type { AddColumn, AlterColumn, Change, DropColumn, RenameColumn } from '../details.ts';
import { addCheck, addForeignKey, addUnique, createIndex, dropIndex, renameTable } from './apply-constraint.ts';
import {
  type ChangeContext,
  checkExpression,
  declarable,
  findColumn,
  rejectNameConflict,
  rejectUnparsed,
  run,
} from './change-context.ts';
import { isSameType } from './lossless-conversion.ts';

/**
 * Returns the table as the catalogue spells it.
 * @throws badInput unless it is an ordinary table, since only those can be rebuilt
 */
export const findTable = (
  { shadow, objects, path }: ChangeContext,
  wanted: string,
  name = 'table',
): CatalogueObject => {
  const field = `${path}.${name}`;
  if (isReserved(wanted)) throw badInput(field, `table ${show(wanted)} is reserved`);
  const found = objects.find(({ type, name }) => /^(table|view)$/.test(type) && fold(name) === fold(wanted));
  if (found === undefined) throw badInput(field, `table ${show(wanted)} does not exist`);
  if (found.type === 'view') throw badInput(field, `${show(found.name)} is a view, not a table`);
  if (found.standIn) throw badInput(field, `${show(found.name)} is a virtual table`);
  for (const object of objects.filter(({ type, table }) => type !== 'trigger' && fold(table) === fold(found.name))) {
    const reason = shadow.missing.get(keyOf(object));
    if (reason !== undefined) {
      throw badInput(field, `${object.type} ${show(object.name)} cannot be recreated here: ${reason}`);
    }
  }
  return found;
};

/** Makes the change in the shadow catalogue, or in one that it reopens, and returns that one. @throws badInput */
export const apply = (context: ChangeContext, change: Change): ShadowCatalogue => {
  switch (change.what) {
    case 'addColumn':
      return addColumn(context, change);
    case 'dropColumn':
      return dropColumn(context, change);
    case 'renameColumn':
      return renameColumn(context, change);
    case 'alterColumn':
      return alterColumn(context, change);
    case 'createIndex':
      return createIndex(context, change);
    case 'dropIndex':
      return dropIndex(context, change);
    case 'renameTable':
      return renameTable(context, change);
    case 'addCheck':
      return addCheck(context, change);
    case 'addUnique':
      return addUnique(context, change);
    case 'addForeignKey':
      return addForeignKey(context, {
        ...change,
        references: findTable(context, change.references, 'references').name,
      });
  }
};

/** A default in the form that follows the keyword DEFAULT. */
export const defaultText = (expression: string): string => {
  const text = expression.trim();
  const tokens = tokensOf(text);
  const isEnclosed = isOperator(tokens[0], '(') && afterParentheses(tokens, 0) === tokens.length;
  return isEnclosed || isLiteral(text) ? text : `(${text})`;
};

const addColumn = (context: ChangeContext, { table, column }: AddColumn): ShadowCatalogue => {
  const { shadow, path } = context;
  rejectNameConflict(context, table, column.name, `${path}.column.name`);
  const type = declarable(context, table, column.type, `${path}.column.type`);
  checkDefault(context, table, type, column.default, `${path}.column.default`);
  run(
    shadow,
    `ALTER TABLE ${quote(table)} ADD COLUMN ${definition({ ...column, type })}`,
    `${path}.column`,
    () => `column ${show(column.name)} cannot be added`,
  );
  return shadow;
};

const definition = ({ name, type, nullable, default: text }: AddColumn['column']): string =>
  [
    quote(name),
    type,
    ...(nullable ? [] : ['NOT NULL']),
    ...(text === null ? [] : [`DEFAULT ${defaultText(text)}`]),
  ].join(' ');

const dropColumn = (context: ChangeContext, { table, column }: DropColumn): ShadowCatalogue => {
  const { shadow, path } = context;
  const found = findColumn(context, table, column, `${path}.column`);
  rejectUnparsed(context, table, found.name, `${path}.column`);
  const needed = foreignKeyOf(context, table, found.name);
  if (needed !== null) {
    const message = `column ${show(found.name)} cannot be dropped: a foreign key of table ${show(needed)} needs it`;
    throw badInput(`${path}.column`, message);
  }
  run(
    shadow,
    `ALTER TABLE ${quote(table)} DROP COLUMN ${quote(found.name)}`,
    `${path}.column`,
    () => `column ${show(found.name)} cannot be dropped`,
  );
  return shadow;
};

/** The table whose foreign key names the column, on either side; SQLite would drop the key together with the column. */
const foreignKeyOf = ({ shadow: { sql }, objects }: ChangeContext, table: string, column: string): string | null => {
  const isSame = (one: string | null, other: string) => one !== null && fold(one) === fold(other);
  const found = objects.find(
    ({ type, name }) =>
      type === 'table' &&
      foreignKeysOf(sql, name).some(
        (key) => (name === table && isSame(key.from, column)) || (isSame(key.table, table) && isSame(key.to, column)),
      ),
  );
  return found?.name ?? null;
};

const renameColumn = (context: ChangeContext, { table, column, to }: RenameColumn): ShadowCatalogue => {
  const { shadow, path } = context;
  const found = findColumn(context, table, column, `${path}.column`);
  rejectUnparsed(context, table, found.name, `${path}.column`);
  if (fold(found.name) !== fold(to)) rejectNameConflict(context, table, to, `${path}.to`);
  run(
    shadow,
    `ALTER TABLE ${quote(table)} RENAME COLUMN ${quote(found.name)} TO ${quote(to)}`,
    `${path}.to`,
    () => `column ${show(found.name)} cannot be renamed`,
  );
  return shadow;
};

/**
 * SQLite has no such statement, so the text of the table is edited, one property at a time, and SQLite parses the
 * result.
 */
const alterColumn = (context: ChangeContext, change: AlterColumn): ShadowCatalogue => {
  const { path } = context;
  const found = findColumn(context, change.table, change.column, `${path}.column`);
  const type = change.type === null ? null : declarable(context, change.table, change.type, `${path}.type`);
  checkDefault(context, change.table, type ?? found.type, change.default, `${path}.default`);
  const edits: readonly (readonly [field: string, edit: ColumnEdit])[] = [
    ...(type === null ? [] : [['type', { type }] as const]),
    ...(change.nullable === null ? [] : [['nullable', { nullable: change.nullable }] as const]),
    ...(change.default === null ? [] : [['default', { default: defaultText(change.default) }] as const]),
    ...(change.dropDefault ? [['dropDefault', { default: null }] as const] : []),
  ];
  let { shadow, objects } = context;
  for (const [field, edit] of edits) {
    objects = objects.map((object) =>
      object.type === 'table' && object.name === change.table
        ? { ...object, sql: withColumn(object.sql, found.name, edit) }
        : object,
    );
    const next = context.reopen(objects);
    const error = next.missing.get(`table ${change.table}`);
    const message = `column ${show(found.name)} cannot be altered`;
    if (error !== undefined) throw badInput(`${path}.${field}`, `${message}: ${error}`);
    checkAltered(shadow, next, change.table, found.name, edit, (reason) =>
      badInput(`${path}.${field}`, `${message}: ${reason}`),
    );
    shadow = next;
  }
  return shadow;
};

/** Checks that the edit changed the table as intended, and nothing else. */
const checkAltered = (
  before: ShadowCatalogue,
  after: ShadowCatalogue,
  table: string,
  column: string,
  edit: ColumnEdit,
  errorFor: (reason: string) => Error,
) => {
  const [was, is] = [readTable(before.sql, table), readTable(after.sql, table)];
  if (was?.alias !== is?.alias) throw errorFor('whether it is the rowid of the table depends on its type');
  const [old, now] = [columnsOf(before.sql, table), columnsOf(after.sql, table)];
  for (const [i, one] of old.entries()) {
    const other = now[i];
    const isAltered = fold(one.name) === fold(column);
    const expected: Column = isAltered ? { ...one, ...asEdited(one, edit, other) } : one;
    if (JSON.stringify(other) === JSON.stringify(expected)) continue;
    throw errorFor(
      isAltered && one.keyPosition > 0
        ? 'it is part of the primary key'
        : 'its declaration in the table could not be parsed',
    );
  }
  const isKey = old.some(({ name, keyPosition }) => fold(name) === fold(column) && keyPosition > 0);
  if (isKey && is?.withoutRowid && edit.type !== undefined) {
    const [from, to] = [old, now].map((list) => list.find(({ name }) => fold(name) === fold(column))?.type ?? '');
    const isSame = isSameType(from ?? '', to ?? '', is.strict);
    if (!isSame) throw errorFor('it is part of the key of a table WITHOUT ROWID');
  }
  const names = [before, after].map(({ sql }) => indexesOf(sql, table).map(({ name }) => name));
  if (JSON.stringify(names[0]) !== JSON.stringify(names[1])) throw errorFor('its indexes would not be the same');
};

const asEdited = (column: Column, edit: ColumnEdit, now: Column | undefined): Partial<Column> => ({
  // SQLite normalizes the spelling of types and defaults, so only their presence can be compared.
  ...(edit.type === undefined ? {} : { type: now?.type ?? '' }),
  ...(edit.nullable === undefined ? {} : { notNull: !edit.nullable }),
  ...(edit.default === undefined ? {} : { default: edit.default === null ? null : (now?.default ?? column.default) }),
});

/** Checks that the default is a single expression, with a value that the type accepts. */
const checkDefault = ({ shadow }: ChangeContext, table: string, type: string, text: string | null, field: string) => {
  if (text === null) return;
  checkExpression(text, 'default', field);
  const probe = new Sqlite(':memory:');
  try {
    probe.pragma('trusted_schema = OFF');
    if (!isLiteral(text.trim())) probe.prepare(`SELECT (${text})`);
    probe
      .prepare(
        `CREATE TABLE one (c ${type} DEFAULT ${defaultText(text)})${readTable(shadow.sql, table)?.strict ? ' STRICT' : ''}`,
      )
      .run();
    probe.prepare('INSERT INTO one DEFAULT VALUES').run();
  } catch (error) {
    throw badInput(field, `default ${show(text)}: ${messageOf(error).replace(' one.c', '')}`);
  } finally {
    probe.close();
  }
};
