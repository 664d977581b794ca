/**
 * The plan of a schema change: a function of the catalogue and the changes alone. It is computed when the job is
 * created, so that impossible changes are rejected; again by each claim, since the catalogue may have changed; and once
 * more before the swap if another program has changed the catalogue while the job was running.
 */
import { createHash } from 'node:crypto';
import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import {
  type Affinity,
  affinityOf,
  type Column,
  columnsOf,
  NO_ROWID,
  partsOf,
  readTable,
  type Table,
} from '../../../databases/sqlite/catalogue.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import { isLiteral } from '../../../databases/sqlite/sql-text.ts';
import { badInput } from '../../../errors.ts';
import type { Change } from '../details.ts';
import { apply, findTable } from './apply.ts';
import { type CatalogueObject, keyOf } from './catalogue-object.ts';
import { checkCreatable } from './creatable.ts';
import { isSameType } from './lossless-conversion.ts';
import {
  objectsIn,
  openShadowCatalogue,
  readCatalogue,
  type ShadowCatalogue,
  type Use,
  usesIn,
} from './shadow-catalogue.ts';
import { createSubstitutions, restored } from './substitutions.ts';

export interface Plan {
  /** The tables that change. */
  readonly tables: readonly TablePlan[];
  /** Other catalogue entries whose text changes, such as a view or trigger that uses a renamed column. */
  readonly texts: readonly CatalogueText[];
}

export type CatalogueText = Pick<CatalogueObject, 'type' | 'name' | 'sql'>;

export interface TablePlan {
  readonly name: string;
  readonly before: TableTexts;
  readonly after: TableTexts;
  /** The rows have to be rewritten. Otherwise only the catalogue changes. */
  readonly isCopied: boolean;
  readonly columns: readonly ColumnPlan[];
  /** The key that identifies rows and defines the copy order. */
  readonly key: readonly KeyPart[];
  /** VACUUM may renumber the rows, old or new. */
  readonly isRenumbered: boolean;
  /** A hash of `before` and `after`. */
  readonly shape: string;
}

export interface TableTexts {
  readonly sql: string;
  /** Indexes created by CREATE INDEX. */
  readonly indexes: readonly { readonly name: string; readonly sql: string }[];
}

/** A column after the change. */
export interface ColumnPlan {
  readonly name: string;
  /** Its column in the old table; null for an added column. */
  readonly from: string | null;
  readonly generated: boolean;
  /** Values must convert losslessly to this affinity; null if they are stored unchanged. */
  readonly converts: Affinity | null;
}

export interface KeyPart {
  /** Its name in the old table, and in the new one. */
  readonly from: string;
  readonly to: string;
  /** The collation of the key; null if it is the column's own. */
  readonly collation: string | null;
  readonly descending: boolean;
}

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
    const tracks = new Map<string, Track>();
    let shadow = reopen(original);
    let objects = objectsIn(shadow, original);
    let uses = usesIn(shadow, objects);
    for (const [i, requested] of changes.entries()) {
      const path = `input.changes.${i}.${requested.what}`;
      const setting = { shadow, objects, path, reopen };
      const table = findTable(setting, requested.table).name;
      const change = { ...requested, table };
      const track = tracks.get(table) ?? trackOf(first, table);
      tracks.set(table, track);
      shadow = apply(setting, change);
      objects = objectsIn(shadow, objects);
      follow(track, change, columnsOf(shadow.sql, table));
      const now = usesIn(shadow, objects);
      checkWorking(uses, now, `${path}${FIELD[change.what]}`);
      uses = now;
    }
    const stored = restored(objects, substitutions, newNames(changes));
    const tables = [...tracks.values()].map((track) => tablePlan(track, first, shadow, original, stored));
    checkCreatable(tables, changes);
    return { tables, texts: textsOf(tables, original, stored) };
  } finally {
    for (const shadow of opened) shadow[Symbol.dispose]();
  }
};

/** Tracks the columns of a table across the changes. */
interface Track {
  readonly table: string;
  columns: { readonly name: string; readonly from: string | null }[];
  /** Set when indexes were created or dropped. */
  indexes: boolean;
}

const trackOf = ({ sql }: ShadowCatalogue, table: string): Track => ({
  table,
  columns: columnsOf(sql, table).map(({ name }) => ({ name, from: name })),
  indexes: false,
});

const follow = (track: Track, change: Change, now: readonly Column[]) => {
  if (change.what === 'createIndex' || change.what === 'dropIndex') track.indexes = true;
  const old = track.columns;
  if (change.what === 'dropColumn') track.columns = old.filter(({ name }) => fold(name) !== fold(change.column));
  if (change.what === 'addColumn') track.columns = [...old, { name: change.column.name, from: null }];
  if (change.what === 'renameColumn') {
    track.columns = old.map((one) => (fold(one.name) === fold(change.column) ? { ...one, name: change.to } : one));
  }
  const found = now.map(({ name }) => name).join('\0');
  if (found !== track.columns.map(({ name }) => name).join('\0'))
    throw new Error('columns are not where they should be');
};

/** The field that specifies what each change does. */
const FIELD: Readonly<Record<Change['what'], string>> = {
  addColumn: '.column',
  dropColumn: '.column',
  renameColumn: '.to',
  alterColumn: '',
  createIndex: '.name',
  dropIndex: '.name',
};

/** Checks that statements that worked before still work after the change, so that no writer fails because of it. */
const checkWorking = (before: ReadonlyMap<string, Use>, after: ReadonlyMap<string, Use>, path: string) => {
  for (const [key, { object, error }] of after) {
    if (error === null || before.get(key)?.error !== null) continue;
    throw badInput(path, `${object.type} ${show(object.name)} would no longer work: ${error}`);
  }
};

/** Folded. In another connection, a double-quoted string with one of these names would become a column. */
const newNames = (changes: readonly Change[]): ReadonlySet<string> =>
  new Set(
    changes.flatMap((change) => {
      if (change.what === 'addColumn') return [fold(change.column.name)];
      return change.what === 'renameColumn' ? [fold(change.to)] : [];
    }),
  );

const textsIn = (objects: readonly CatalogueObject[], table: string): TableTexts => ({
  sql: objects.find(({ type, name }) => type === 'table' && name === table)?.sql ?? '',
  indexes: objects
    .filter((object) => object.type === 'index' && object.table === table)
    .map(({ name, sql }) => ({ name, sql })),
});

const tablePlan = (
  track: Track,
  first: ShadowCatalogue,
  last: ShadowCatalogue,
  original: readonly CatalogueObject[],
  objects: readonly CatalogueObject[],
): TablePlan => {
  const { table } = track;
  const [before, after] = [textsIn(original, table), textsIn(objects, table)];
  const [was, is] = [columnsOf(first.sql, table), columnsOf(last.sql, table)];
  const { strict } = tableIn(last, table);
  const columns = track.columns.map(({ name, from }, i): ColumnPlan => {
    const [old, now] = [was.find((column) => column.name === from), is[i]];
    const isSame = old === undefined || isSameType(old.type, now?.type ?? '', strict);
    const converts = isSame ? null : affinityOf(now?.type ?? '', strict);
    return { name, from, generated: now?.generated ?? false, converts };
  });
  const isCopied = track.indexes || isWritten(was, is, columns);
  return {
    name: table,
    before,
    after,
    isCopied,
    columns,
    key: isCopied ? keyOfTable(first, last, table, columns) : [],
    isRenumbered: [first, last].some((shadow) => tableIn(shadow, table).isRenumbered),
    shape: createHash('sha256')
      .update(JSON.stringify([before, after]))
      .digest('base64'),
  };
};

/** Whether stored rows would have another meaning under the new definition. */
const isWritten = (was: readonly Column[], is: readonly Column[], columns: readonly ColumnPlan[]): boolean => {
  const kept = columns.filter(({ from }) => from !== null);
  if (kept.length < was.length) return true;
  return columns.some(({ from, converts }, i) => {
    const [old, now] = [was.find(({ name }) => name === from), is[i]];
    if (now === undefined || converts !== null) return true;
    if (old === undefined) return !isConstant(now);
    // A row from before the column was added has the old default as its value, whatever the table declares now.
    return old.default !== now.default || (now.notNull && !old.notNull);
  });
};

/** Whether a row stored without the column can be read as if it had the default. */
const isConstant = ({ default: text, notNull }: Column): boolean => {
  if (text === null || /^null$/i.test(text)) return !notNull;
  return isLiteral(text) && !/^current_/i.test(text);
};

const tableIn = ({ sql }: ShadowCatalogue, name: string): Table => {
  const table = readTable(sql, name);
  if (table === undefined) throw new Error(`the shadow catalogue has no table ${show(name)}`);
  return table;
};

const keyOfTable = (
  first: ShadowCatalogue,
  last: ShadowCatalogue,
  table: string,
  columns: readonly ColumnPlan[],
): readonly KeyPart[] => {
  const named = (name: string) => columns.find(({ from }) => from === name)?.name ?? name;
  const { withoutRowid, alias, key } = tableIn(first, table);
  if (alias !== null) return [{ from: alias, to: named(alias), collation: null, descending: false }];
  if (!withoutRowid) {
    const [from, to] = [rowidName(first, table), rowidName(last, table)];
    return [{ from, to, collation: null, descending: false }];
  }
  return key.map(({ name, collation, descending }) => ({
    from: name,
    to: named(name),
    collation: collationOf(first.sql, table, name) === collation ? null : collation,
    descending,
  }));
};

/** The column's declared collation, which an index uses unless it names another. */
const collationOf = (sql: Sqlite.Database, table: string, column: string): string | undefined => {
  const name = '_signalbox_probe';
  sql.exec(`CREATE INDEX ${name} ON ${quote(table)} (${quote(column)})`);
  try {
    return partsOf(sql, name)[0]?.collation;
  } finally {
    sql.exec(`DROP INDEX ${name}`);
  }
};

const rowidName = (shadow: ShadowCatalogue, table: string): string => {
  const { rowid } = tableIn(shadow, table);
  if (rowid === null) throw badInput('input.changes', `table ${show(table)} ${NO_ROWID}`);
  return rowid;
};

/** The texts of copied tables and of their indexes are excluded, because the copy brings them. */
const textsOf = (
  tables: readonly TablePlan[],
  original: readonly CatalogueObject[],
  objects: readonly CatalogueObject[],
): readonly CatalogueText[] => {
  const copied = new Set(tables.filter(({ isCopied }) => isCopied).map(({ name }) => name));
  const before = new Map(original.map((object) => [keyOf(object), object.sql]));
  return objects
    .filter(({ type, table }) => !(copied.has(table) && (type === 'table' || type === 'index')))
    .filter((object) => before.get(keyOf(object)) !== object.sql)
    .map(({ type, name, sql }) => ({ type, name, sql }));
};
