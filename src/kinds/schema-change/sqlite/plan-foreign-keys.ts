/** Plans the foreign keys that are added: what a key refers to in the database as it is before the change. */
import { show } from '../../../databases/show.ts';
import { affinityOf, columnsOf, foreignKeysOf, readTable } from '../../../databases/sqlite/catalogue.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import type { ShadowCatalogue } from '../../../databases/sqlite/shadow-catalogue.ts';
import { badInput } from '../../../errors.ts';
import type { ForeignKeyPlan } from './table-plan.ts';
import { collationOf, type TablePlan } from './table-plan.ts';
import type { Track } from './track.ts';

/** Whether a foreign key may refer to the columns: they are the primary key, or a unique index is on exactly these. */
export const isParentKey = ({ sql }: ShadowCatalogue, parent: string, columns: readonly string[]): boolean => {
  const table = readTable(sql, parent);
  if (table === undefined) return false;
  const wanted = new Set(columns.map(fold));
  if (table.alias !== null && wanted.size === 1 && wanted.has(fold(table.alias))) return true;
  return table.indexes.some(
    ({ unique, partial, parts }) =>
      unique &&
      !partial &&
      parts.length === wanted.size &&
      parts.every(
        ({ name, collation }) =>
          name !== null && wanted.has(fold(name)) && collationOf(sql, parent, name) === collation,
      ),
  );
};

/**
 * @param planned the plans of the tracks, in the same order
 * @throws badInput for a key whose parent gets the columns, or their values or uniqueness, in the same job
 */
export const withForeignKeys = (
  planned: readonly TablePlan[],
  tracks: readonly Track[],
  first: ShadowCatalogue,
  last: ShadowCatalogue,
): readonly TablePlan[] =>
  planned.map((table, i) => {
    const paths = tracks[i]?.foreignKeys ?? [];
    // SQLite numbers the keys of a table from the last one in its text, where they were added.
    const added = foreignKeysOf(last.sql, table.to).filter(({ id }) => id < paths.length);
    const foreignKeys = paths.map((path, n): ForeignKeyPlan => {
      const parts = added.filter(({ id }) => id === paths.length - 1 - n);
      const target = parts[0]?.table ?? '';
      const parent = planned.find(({ to }) => fold(to) === fold(target));
      const name = parent?.name ?? readTable(first.sql, target)?.name ?? target;
      const before = columnsOf(first.sql, name);
      const to = parts.map((part) => {
        const column = parent?.columns.find((one) => fold(one.name) === fold(part.to ?? ''));
        const from = parent === undefined ? part.to : column?.converts === null ? column.from : null;
        const found = before.find((one) => fold(one.name) === fold(from ?? ''));
        if (found === undefined) throw notYet(path, target, `column ${show(part.to ?? '')}`);
        const affinity = affinityOf(found.type, readTable(first.sql, name)?.strict ?? false);
        return { name: found.name, affinity, collation: collationOf(first.sql, name, found.name) ?? 'BINARY' };
      });
      if (
        !isParentKey(
          first,
          name,
          to.map((column) => column.name),
        )
      )
        throw notYet(path, target, 'that key');
      return { columns: parts.map(({ from }) => from), parent: name, to };
    });
    return { ...table, foreignKeys };
  });

const notYet = (path: string, table: string, what: string) =>
  badInput(
    `${path}.to`,
    `${what} of table ${show(table)} is added or converted by the same job: add the foreign key by a later one`,
  );
