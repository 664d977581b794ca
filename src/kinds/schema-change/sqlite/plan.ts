/**
 * The plan of a schema change: a function of the catalogue and the changes alone. It is computed when the job is
 * created, so that impossible changes are rejected; again by each claim, since the catalogue may have changed; and once
 * more before the swap if another program has changed the catalogue while the job was running.
 */
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { columnsOf } from '../../../databases/sqlite/catalogue.ts';
import { type CatalogueObject, keyOf } from '../../../databases/sqlite/catalogue-object.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import {
  objectsIn,
  openShadowCatalogue,
  readCatalogue,
  type ShadowCatalogue,
  type Use,
  usesIn,
} from '../../../databases/sqlite/shadow-catalogue.ts';
import { createSubstitutions, restored } from '../../../databases/sqlite/substitutions.ts';
import { badInput } from '../../../errors.ts';
import type { Change, RenameTable } from '../details.ts';
import { apply, findTable } from './apply.ts';
import { rejectReadColumn, renamedReaders } from './content-tables.ts';
import { checkCreatable } from './creatable.ts';
import { withForeignKeys } from './plan-foreign-keys.ts';
import { type TablePlan, tablePlan } from './table-plan.ts';
import { followed, type Track, trackOf } from './track.ts';

export interface Plan {
  /** The changes, with tables as the catalogue spells them. */
  readonly changes: readonly Change[];
  /** The tables that change. */
  readonly tables: readonly TablePlan[];
  /** Other catalogue entries whose text or table changes, such as a view or trigger that uses a renamed column. */
  readonly texts: readonly CatalogueText[];
}

export type CatalogueText = Pick<CatalogueObject, 'type' | 'name' | 'table' | 'sql'>;

/** @throws badInput naming the field of the change that is not possible */
export const planFor = (real: Sqlite.Database, changes: readonly Change[]): Plan => {
  const original = readCatalogue(real);
  const opened: ShadowCatalogue[] = [];
  const substitutions = createSubstitutions();
  const reopen = (objects: readonly CatalogueObject[]) => {
    const shadow = openShadowCatalogue(objects, real, substitutions);
    opened.push(shadow);
    return shadow;
  };
  try {
    const first = reopen(original);
    /** By the current name of the table, in the order in which they are first named. */
    let tracks: readonly Track[] = [];
    let shadow = reopen(original);
    let objects = objectsIn(shadow, original);
    let uses = usesIn(shadow, objects);
    const spelled: Change[] = [];
    for (const [i, requested] of changes.entries()) {
      const path = `input.changes.${i}.${requested.what}`;
      const context = { shadow, objects, path, reopen };
      const table = findTable(context, requested.table).name;
      const change = { ...requested, table };
      spelled.push(change);
      const known = tracks.find(({ to }) => to === table);
      const track = known ?? trackOf(table, namesOf(first, table));
      rejectReadColumn(real, change, track, path);
      shadow = apply(context, change);
      objects = objectsIn(shadow, objects);
      const to = change.what === 'renameTable' ? change.to : table;
      const next = followed(track, change, namesOf(shadow, to), path);
      tracks = known === undefined ? [...tracks, next] : tracks.map((one) => (one === known ? next : one));
      const now = usesIn(shadow, objects);
      checkWorking(
        change.what === 'renameTable' ? underNewName(uses, change) : uses,
        now,
        `${path}${FIELD[change.what]}`,
      );
      uses = now;
    }
    const stored = restored(objects, substitutions, newNames(changes));
    const planned = tracks.map((track) => tablePlan(track, first, shadow, original, stored));
    const tables = withForeignKeys(planned, tracks, first, shadow);
    checkCreatable(tables, spelled);
    const texts = [...textsOf(tables, original, stored), ...renamedReaders(real, tracks)];
    return { changes: spelled, tables, texts };
  } finally {
    for (const shadow of opened) shadow[Symbol.dispose]();
  }
};

const namesOf = ({ sql }: ShadowCatalogue, table: string): readonly string[] =>
  columnsOf(sql, table).map(({ name }) => name);

/** The field that specifies what each change does. */
const FIELD: Readonly<Record<Change['what'], string>> = {
  addColumn: '.column',
  dropColumn: '.column',
  renameColumn: '.to',
  alterColumn: '',
  createIndex: '.name',
  dropIndex: '.name',
  renameTable: '.to',
  addCheck: '.expression',
  addUnique: '.columns',
  addForeignKey: '.columns',
};

/** Checks that statements that worked before still work after the change, so that no writer fails because of it. */
const checkWorking = (before: ReadonlyMap<string, Use>, after: ReadonlyMap<string, Use>, path: string) => {
  for (const [key, { object, error }] of after) {
    if (error === null || before.get(key)?.error !== null) continue;
    throw badInput(path, `${object.type} ${show(object.name)} would no longer work: ${error}`);
  }
};

const underNewName = (uses: ReadonlyMap<string, Use>, { table, to }: RenameTable): ReadonlyMap<string, Use> =>
  new Map(
    [...uses].map(([key, use]) => {
      const [own, other] = [table, to].map((name) => keyOf({ type: 'table', name }));
      return [key.startsWith(`${own} `) ? `${other}${key.slice(own?.length)}` : key, use];
    }),
  );

/** Folded. In another connection, a double-quoted string with one of these names would become a column. */
const newNames = (changes: readonly Change[]): ReadonlySet<string> =>
  new Set(
    changes.flatMap((change) => {
      if (change.what === 'addColumn') return [fold(change.column.name)];
      return change.what === 'renameColumn' || change.what === 'renameTable' ? [fold(change.to)] : [];
    }),
  );

/** The texts of copied and renamed tables are excluded, and the indexes of copied ones, because they are written otherwise. */
const textsOf = (
  tables: readonly TablePlan[],
  original: readonly CatalogueObject[],
  objects: readonly CatalogueObject[],
): readonly CatalogueText[] => {
  const copied = new Set(tables.filter(({ isCopied }) => isCopied).map(({ to }) => to));
  const renamed = new Set(tables.filter(({ name, to }) => name !== to).map(({ to }) => to));
  const before = new Map(original.map((object) => [keyOf(object), object]));
  return objects
    .filter(({ type, name }) => !(type === 'table' && renamed.has(name)))
    .filter(({ type, table }) => !(copied.has(table) && (type === 'table' || type === 'index')))
    .filter((object) => {
      const old = before.get(keyOf(object));
      return old?.sql !== object.sql || old.table !== object.table;
    })
    .map(({ type, name, table, sql }) => ({ type, name, table, sql }));
};
