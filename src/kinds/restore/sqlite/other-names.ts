/**
 * Gives restored tables other names. SQLite itself renames them in a catalogue without rows, so that the indexes,
 * triggers, views and foreign keys that name them follow. An index or a trigger of such a table whose own name is in use
 * gets the name of the table appended. A view keeps its name, and is left out if the name is in use.
 */
import Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import { columnsOf } from '../../../databases/sqlite/catalogue.ts';
import { type CatalogueObject, isConcerned, keyOf } from '../../../databases/sqlite/catalogue-object.ts';
import { tokensOf } from '../../../databases/sqlite/lexer.ts';
import { fold, quote } from '../../../databases/sqlite/names.ts';
import { withReferences } from '../../../databases/sqlite/references.ts';
import {
  objectsIn,
  openShadowCatalogue,
  type ShadowCatalogue,
  standInFor,
} from '../../../databases/sqlite/shadow-catalogue.ts';
import { namesIn, withName } from '../../../databases/sqlite/sql-text.ts';
import type { Declared } from '../../../databases/sqlite/statements-check.ts';
import { createSubstitutions, restored, type Substitutions } from '../../../databases/sqlite/substitutions.ts';
import { messageOf } from '../../../errors.ts';
import { PlanError } from '../port.ts';

/** An object as it is restored. */
export interface Renamed extends Declared {
  /** Its name in the backup. */
  readonly from: string;
}

/** The new names of tables, by their names in the backup. */
export type TableNames = ReadonlyMap<string, string>;

/** Whether the target has an object with this name in the namespace of this type. */
type IsTaken = (name: string, type: Declared['type']) => boolean;

export interface Naming {
  /** Everything in the backup. */
  readonly all: readonly Declared[];
  readonly names: TableNames;
  readonly isTaken: IsTaken;
}

/**
 * The views and triggers that cannot be restored under these names, with the reasons.
 * @param declared everything that is restored
 */
export const notRenamable = (
  declared: readonly Declared[],
  { all, names, isTaken }: Naming,
): ReadonlyMap<Declared, string> => {
  if (names.size === 0) return new Map();
  using opened = openShadow(all);
  const { written, shadow } = opened;
  const out = new Map<Declared, string>();
  for (const one of declared) {
    const object = written[all.indexOf(one)] as CatalogueObject;
    if (![...names.keys()].some((name) => isConcerned(written, object, name))) continue;
    const reason = shadow.missing.get(keyOf(one));
    if (one.type === 'view' && isTaken(one.name, 'view')) out.set(one, 'a view keeps its name, which is in use');
    else if (reason === undefined) continue;
    else if (one.type === 'table' || one.type === 'index') throw cannot(one.table, reason);
    else out.set(one, `it cannot be parsed here: ${reason}`);
  }
  // What uses such a view goes with it.
  for (let size = -1; size !== out.size; ) {
    size = out.size;
    for (const one of declared.filter((other) => /^(view|trigger)$/.test(other.type) && !out.has(other))) {
      const used = namesIn(one.sql);
      const view = [...out.keys()].find(({ type, name }) => type === 'view' && used.has(fold(name)));
      if (view !== undefined) out.set(one, `it uses view ${show(view.name)}, which is left out`);
    }
  }
  return out;
};

/** @throws PlanError */
export const renamed = (declared: readonly Declared[], { all, names, isTaken }: Naming): readonly Renamed[] => {
  if (names.size === 0) return declared.map((one) => ({ ...one, from: one.name }));
  using opened = openShadow(all);
  const { written, shadow, substitutions } = opened;
  giveWay(
    shadow.sql,
    all.filter((one) => !declared.includes(one)),
    names,
  );
  renameAll(shadow.sql, declared, names);
  const moved = written.map((object) => ({
    ...object,
    name: object.type === 'table' ? (names.get(object.name) ?? object.name) : object.name,
  }));
  const now = restored(objectsIn(shadow, moved), substitutions, new Set([...names.values()].map(fold)));
  const texts = new Map(now.map((object) => [keyOf(object), object.sql]));
  const followed = declared.map((one): Renamed => {
    const name = one.type === 'table' ? (names.get(one.name) ?? one.name) : one.name;
    const table = [...names].find(([from]) => fold(from) === fold(one.table))?.[1] ?? one.table;
    const sql = one.module === null ? texts.get(keyOf({ ...one, name })) : virtualText(one, name, names);
    return { ...one, from: one.name, name, table, sql: sql ?? one.sql };
  });
  return withFreeNames(followed, new Set(names.values()), isTaken);
};

const cannot = (table: string, reason: string) =>
  new PlanError(`table ${show(table)} cannot be restored under another name: ${reason}`);

interface Opened {
  /** One for each declared object. */
  readonly written: readonly CatalogueObject[];
  readonly shadow: ShadowCatalogue;
  readonly substitutions: Substitutions;
  [Symbol.dispose](): void;
}

const openShadow = (declared: readonly Declared[]): Opened => {
  const real = new Sqlite(':memory:');
  try {
    for (const { sql } of declared.filter(({ module }) => module !== null)) createIfPossible(real, sql);
    const substitutions = createSubstitutions();
    const written = declared.map(({ module, type, name, table, sql }) =>
      module === null ? { type, name, table, sql } : standInFor(real, { name, table }),
    );
    const shadow = openShadowCatalogue(written, real, substitutions);
    return { written, shadow, substitutions, [Symbol.dispose]: () => shadow[Symbol.dispose]() };
  } finally {
    real.close();
  }
};

/** Only the columns matter, which some modules read from another table. */
const createIfPossible = (sql: Sqlite.Database, statement: string) => {
  try {
    sql.prepare(statement).run();
  } catch {
    // A table without columns stands in.
  }
};

/** What is not restored makes room for the new names. What refers to it is not restored either. */
const giveWay = (sql: Sqlite.Database, others: readonly Declared[], names: TableNames) => {
  const wanted = new Set([...names.values()].map(fold));
  const conflicts = others.filter(({ type, name }) => type !== 'trigger' && wanted.has(fold(name)));
  for (const [i, { type, name }] of conflicts.entries()) {
    if (type === 'table') sql.exec(`ALTER TABLE ${quote(name)} RENAME TO _signalbox_other_${i}`);
    else sql.exec(`DROP ${type} IF EXISTS ${quote(name)}`);
  }
};

/** Tables may trade names, so that each gets a name of its own first. */
const renameAll = (sql: Sqlite.Database, declared: readonly Declared[], names: TableNames) => {
  const steps = [...names].map(([from, to], i) => ({ from, between: `_signalbox_renamed_${i}`, to }));
  try {
    for (const { from, to } of steps) {
      // A full-text index has a column of its own name, for commands.
      const isVirtual = declared.some(({ name, module }) => name === from && module !== null);
      const own = isVirtual ? columnsOf(sql, from).find(({ name }) => fold(name) === fold(from)) : undefined;
      if (own !== undefined) sql.exec(`ALTER TABLE ${quote(from)} RENAME COLUMN ${quote(own.name)} TO ${quote(to)}`);
    }
    for (const { from, between } of steps) sql.exec(`ALTER TABLE ${quote(from)} RENAME TO ${quote(between)}`);
    for (const { between, to } of steps) sql.exec(`ALTER TABLE ${quote(between)} RENAME TO ${quote(to)}`);
  } catch (error) {
    throw cannot(steps[0]?.from ?? '', messageOf(error));
  }
};

const virtualText = ({ sql }: Declared, name: string, names: TableNames): string => {
  const folded = new Map([...names].map(([from, to]) => [fold(from), to]));
  const text = withReferences(sql, (reference) => folded.get(reference));
  const token = tokensOf(text)[3];
  return token === undefined ? text : `${text.slice(0, token.from)}${quote(name)}${text.slice(token.to)}`;
};

const withFreeNames = (objects: readonly Renamed[], tables: ReadonlySet<string>, isTaken: IsTaken) => {
  const used = new Set(objects.flatMap((one) => (canBeRenamed(one, tables) ? [] : [spaceOf(one.type, one.name)])));
  return objects.map((one): Renamed => {
    if (!canBeRenamed(one, tables)) return one;
    const isFree = (name: string) => !used.has(spaceOf(one.type, name)) && !isTaken(name, one.type);
    let name = one.name;
    for (let n = 1; !isFree(name); n++) name = `${one.name}_${one.table}${n === 1 ? '' : `_${n}`}`;
    used.add(spaceOf(one.type, name));
    return name === one.name ? one : { ...one, name, sql: withName(one.sql, name) };
  });
};

const canBeRenamed = ({ type, table }: Renamed, tables: ReadonlySet<string>) =>
  /^(index|trigger)$/.test(type) && tables.has(table);

/** Triggers have a namespace of their own. */
const spaceOf = (type: Declared['type'], name: string) => `${type === 'trigger'} ${fold(name)}`;
