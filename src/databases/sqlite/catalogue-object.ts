import { fold } from './names.ts';
import { namesIn, type ObjectType } from './sql-text.ts';

/** A statement of the catalogue. */
export interface CatalogueObject {
  readonly type: ObjectType;
  readonly name: string;
  /** The table of an index or a trigger; otherwise the object's own name. */
  readonly table: string;
  readonly sql: string;
  /**
   * Set if the object is not an ordinary table or cannot be created elsewhere: an empty table with the same columns
   * stands in.
   */
  readonly standIn?: true;
}

/** Triggers may have the same names as tables. */
export const keyOf = ({ type, name }: Pick<CatalogueObject, 'type' | 'name'>): string => `${type} ${name}`;

/** Whether an object names a table, or a view that does. */
export const isConcerned = (
  objects: readonly CatalogueObject[],
  object: CatalogueObject,
  table: string,
  seen: ReadonlySet<string> = new Set(),
): boolean => {
  const names = namesIn(object.sql);
  if (names.has(fold(table))) return true;
  return objects.some(
    (view) =>
      view.type === 'view' &&
      names.has(fold(view.name)) &&
      !seen.has(view.name) &&
      isConcerned(objects, view, table, new Set([...seen, view.name])),
  );
};
