/** Virtual tables that read a table by its name: full-text indexes with external content. SQLite itself ignores them. */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { columnsOf, readObjects } from '../../../databases/sqlite/catalogue.ts';
import { nameIn, tokensOf } from '../../../databases/sqlite/lexer.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import { moduleOf, referencesOf, withReferences } from '../../../databases/sqlite/references.ts';
import { badInput } from '../../../errors.ts';
import type { Change } from '../details.ts';
import type { Track } from './track.ts';

interface Reader {
  readonly name: string;
  readonly sql: string;
}

const readersIn = (real: Sqlite.Database): readonly Reader[] =>
  readObjects(real).flatMap(({ name, sql }) => (sql !== null && moduleOf(sql) !== null ? [{ name, sql }] : []));

/** The statements of those that read a table whose name changes. */
export const renamedReaders = (real: Sqlite.Database, tracks: readonly Track[]) => {
  const names = new Map(tracks.filter(({ from, to }) => from !== to).map(({ from, to }) => [fold(from), to]));
  return readersIn(real).flatMap(({ name, sql }) => {
    const text = withReferences(sql, (reference) => names.get(reference));
    return text === sql ? [] : [{ type: 'table' as const, name, table: name, sql: text }];
  });
};

/**
 * A column that such an index reads cannot get another name: the index has the name, too, and stores it.
 * @param track the table before the change
 */
export const rejectReadColumn = (
  real: Sqlite.Database,
  change: Change,
  { from, columns }: Track,
  path: string,
): void => {
  if (change.what !== 'dropColumn' && change.what !== 'renameColumn') return;
  const column = columns.find(({ name }) => fold(name) === fold(change.column))?.from ?? null;
  if (column === null) return;
  const reader = readersIn(real)
    .filter(({ sql }) => referencesOf(sql, () => false).has(fold(from)))
    .find((one) => namesOf(real, one).has(fold(column)));
  if (reader === undefined) return;
  const message = `full-text index ${show(reader.name)} reads column ${show(column)} of this table by its name: drop the index first, and create it again afterwards`;
  throw badInput(`${path}.column`, message);
};

/** The columns of an index, and what its statement names besides, such as the column of the rowid. */
const namesOf = (real: Sqlite.Database, { name, sql }: Reader): ReadonlySet<string> => {
  const written = tokensOf(sql).flatMap((token) =>
    /^(word|name|string)$/.test(token.kind) ? [fold(nameIn(token))] : [],
  );
  try {
    return new Set([...written, ...columnsOf(real, name).map((column) => fold(column.name))]);
  } catch {
    // Its module is missing here.
    return new Set(written);
  }
};
