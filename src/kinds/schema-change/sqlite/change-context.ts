/** What the changes share when they are applied to a shadow catalogue. */
import { show } from '../../../databases/show.ts';
import { type Column, columnsOf, readTable } from '../../../databases/sqlite/catalogue.ts';
import { type CatalogueObject, isConcerned, keyOf } from '../../../databases/sqlite/catalogue-object.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import type { ShadowCatalogue } from '../../../databases/sqlite/shadow-catalogue.ts';
import { namesIn, notOneExpression } from '../../../databases/sqlite/sql-text.ts';
import { sqliteTypeOf, typeProblem } from '../../../databases/sqlite/types/declared-type.ts';
import { badInput, messageOf } from '../../../errors.ts';

/** Where a change is applied. */
export interface ChangeContext {
  readonly shadow: ShadowCatalogue;
  readonly objects: readonly CatalogueObject[];
  /** The change in the input, as `input.changes.0.addColumn`. */
  readonly path: string;
  /** Opens a shadow catalogue of other objects. The caller that opened this one closes it. */
  readonly reopen: (objects: readonly CatalogueObject[]) => ShadowCatalogue;
}

/** A view or trigger that SQLite cannot parse could not follow the change of a table, or of a column with this name. */
export const rejectUnparsed = ({ shadow, objects }: ChangeContext, table: string, name: string, field: string) => {
  for (const object of objects) {
    const reason = shadow.missing.get(keyOf(object));
    if (reason === undefined || !namesIn(object.sql).has(fold(name)) || !isConcerned(objects, object, table)) continue;
    throw badInput(field, `${object.type} ${show(object.name)} names ${show(name)} and cannot be parsed: ${reason}`);
  }
};

export const findColumn = ({ shadow }: ChangeContext, table: string, wanted: string, field: string): Column => {
  const found = columnsOf(shadow.sql, table).find(({ name }) => fold(name) === fold(wanted));
  if (found === undefined) throw badInput(field, `table ${show(table)} has no column ${show(wanted)}`);
  return found;
};

export const rejectNameConflict = ({ shadow }: ChangeContext, table: string, wanted: string, field: string) => {
  const conflict = columnsOf(shadow.sql, table).find(({ name }) => fold(name) === fold(wanted));
  if (conflict !== undefined) throw badInput(field, `table ${show(table)} has a column ${show(conflict.name)} already`);
};

/** Returns the type to declare, by the rule of docs/types.md. */
export const declarable = ({ shadow }: ChangeContext, table: string, type: string, field: string): string => {
  const problem = typeProblem(type);
  if (problem !== null) throw badInput(field, `type ${show(type)} ${problem}`);
  return sqliteTypeOf(type, readTable(shadow.sql, table)?.strict ?? false);
};

export const checkExpression = (text: string, name: 'default' | 'where' | 'expression', field: string) => {
  const problem = notOneExpression(text);
  if (problem !== null) throw badInput(field, `${name} ${show(text)} ${problem}`);
};

export const run = (
  { sql }: ShadowCatalogue,
  statement: string,
  field: string,
  message: () => string,
  how: 'run' | 'prepare' = 'run',
) => {
  try {
    // Exactly one statement: the driver rejects a text that holds more.
    const prepared = sql.prepare(statement);
    if (how === 'run') prepared.run();
  } catch (error) {
    throw badInput(field, `${message()}: ${messageOf(error)}`);
  }
};
