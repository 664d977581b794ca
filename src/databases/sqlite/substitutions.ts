/**
 * Makes the statements of other programs usable in the shadow catalogue. Before each ALTER, SQLite parses all views and
 * triggers, and one that it cannot parse would block every change. Double-quoted strings become single-quoted, missing
 * functions and collations are substituted, and the rest is set aside: it is not in the shadow catalogue, and its text
 * stays as it is.
 */
import type Sqlite from 'better-sqlite3';
import { messageOf } from '../../errors.ts';
import { type CatalogueObject, keyOf } from './catalogue-object.ts';
import { isWord, nameIn } from './lexer.ts';
import { fold, quote } from './names.ts';
import { isAlias, stringIn, withString, withTokens } from './portable.ts';
import { namesIn } from './sql-text.ts';

export interface Substitutions {
  /** The statements that differ in the shadow catalogue, by object. */
  readonly statements: Map<string, { readonly written: string; readonly substituted: string }>;
  /** Each missing collation as it was written, by its unusual spelling of BINARY in the shadow catalogue. */
  readonly collations: Map<string, string>;
}

export const createSubstitutions = (): Substitutions => ({ statements: new Map(), collations: new Map() });

/** Creates an object. Returns SQLite's reason if it cannot be created, or null. */
export const createSubstituted = (
  sql: Sqlite.Database,
  object: CatalogueObject,
  substitutions: Substitutions,
): string | null => {
  let statement = object.sql;
  for (;;) {
    const current = statement;
    const error = withFunctions(sql, () => sql.prepare(current).run());
    if (error === null) {
      record(substitutions, object, statement);
      return null;
    }
    const next = substitute(statement, error, substitutions);
    if (next === statement) return error;
    statement = next;
  }
};

/** Removes the views and triggers that SQLite cannot parse, and notes the reasons. */
export const setAsideBroken = (
  sql: Sqlite.Database,
  objects: readonly CatalogueObject[],
  missing: Map<string, string>,
  substitutions: Substitutions,
): void => {
  const parsed = objects.filter((object) => /^(view|trigger)$/.test(object.type) && !missing.has(keyOf(object)));
  const written = new Map(parsed.map((object) => [keyOf(object), object]));
  const current = new Map(written);
  const replace = (object: CatalogueObject, statement: string) => {
    const key = keyOf(object);
    const next = { ...object, sql: statement };
    current.set(key, next);
    record(substitutions, written.get(key) ?? object, statement);
    recreate(sql, [next, ...dependents(current, next)]);
  };
  for (let error = parseErrorOf(sql); error !== null; error = parseErrorOf(sql)) {
    const broken = [...current.values()].filter((object) => isErrorIn(error ?? '', object));
    const object = broken.toSorted((a, b) => b.name.length - a.name.length)[0];
    if (object === undefined) return;
    const statement = substitute(object.sql, error, substitutions);
    if (statement !== object.sql) {
      replace(object, statement);
      // The others that use the same string are corrected at once: each round parses the whole catalogue.
      const text = stringIn(error);
      for (const other of text === null ? [] : alike(sql, [...current.values()], text)) {
        replace(other, withString(other.sql, text ?? ''));
      }
      continue;
    }
    const reason = error.slice(error.indexOf(object.name) + object.name.length).replace(/^: /, '');
    for (const one of [object, ...dependents(current, object)]) {
      current.delete(keyOf(one));
      missing.set(keyOf(one), reason);
    }
    sql.exec(`DROP ${object.type} ${quote(object.name)}`);
  }
};

/** Runs an action, and defines each function that SQLite misses. Returns its error, or null. */
export const withFunctions = (sql: Sqlite.Database, action: () => unknown): string | null => {
  for (const defined = new Set<string>(); ; ) {
    try {
      action();
      return null;
    } catch (error) {
      const message = messageOf(error);
      const name = /no such function: (.*)$/s.exec(message)?.[1];
      if (name === undefined || defined.has(name)) return message;
      defined.add(name);
      sql.function(name, { varargs: true, deterministic: true }, () => null);
    }
  }
};

/**
 * The objects with their statements as they are to be stored: as written where nothing has changed. A changed one keeps
 * its strings single-quoted, as after SQLite's own ALTER, and so does one that names as a string what is now a column.
 */
export const restored = (
  objects: readonly CatalogueObject[],
  { statements, collations }: Substitutions,
  newNames: ReadonlySet<string>,
): readonly CatalogueObject[] =>
  objects.map((object) => {
    const known = statements.get(keyOf(object));
    const isSame = known?.substituted === object.sql;
    if (isSame && ![...namesIn(known.written)].some((name) => newNames.has(name) && !namesIn(object.sql).has(name))) {
      return { ...object, sql: known.written };
    }
    return { ...object, sql: withTokens(object.sql, ({ text }) => collations.get(text) ?? null) };
  });

const record = ({ statements }: Substitutions, object: CatalogueObject, substituted: string) => {
  if (substituted === object.sql) return;
  statements.set(keyOf(object), { written: object.sql, substituted });
};

const substitute = (statement: string, error: string, { collations }: Substitutions): string => {
  const text = stringIn(error);
  if (text !== null) return withString(statement, text);
  const missing = /no such collation sequence: (.*)$/s.exec(error)?.[1];
  if (missing === undefined) return statement;
  return withTokens(statement, (token, before) => {
    if (!isWord(before, 'collate') || fold(nameIn(token)) !== fold(missing)) return null;
    const known = [...collations].find(([, written]) => written === token.text)?.[0];
    const spelling = known ?? spelled('binary', collations.size + 1);
    collations.set(spelling, token.text);
    return spelling;
  });
};

/** One of many spellings of a name, in quotes, so that no other author has written it. */
const spelled = (name: string, n: number): string =>
  `"${[...name].map((letter, i) => ((n >> i) & 1 ? letter.toUpperCase() : letter)).join('')}"`;

const PROBE = '_signalbox_probe';

/** Of the first view or trigger that SQLite cannot parse. It parses all of them when a column is dropped. */
const parseErrorOf = (sql: Sqlite.Database): string | null => {
  sql.exec(`CREATE TABLE ${PROBE} (a, b)`);
  try {
    return withFunctions(sql, () => sql.exec(`ALTER TABLE ${PROBE} DROP COLUMN b`));
  } finally {
    sql.exec(`DROP TABLE ${PROBE}`);
  }
};

const isErrorIn = (error: string, { type, name }: CatalogueObject): boolean =>
  error.startsWith(`error in ${type} ${name}: `);

/** SQLite drops the triggers of a view together with the view. */
const dependents = (current: ReadonlyMap<string, CatalogueObject>, { type, name }: CatalogueObject) =>
  type === 'view'
    ? [...current.values()].filter((one) => one.type === 'trigger' && fold(one.table) === fold(name))
    : [];

const recreate = (sql: Sqlite.Database, objects: readonly CatalogueObject[]) => {
  const [first] = objects;
  if (first !== undefined) sql.exec(`DROP ${first.type} ${quote(first.name)}`);
  for (const object of objects) sql.prepare(object.sql).run();
};

/** Those that have the double-quoted text too, unless something in the catalogue has this name. */
const alike = (sql: Sqlite.Database, objects: readonly CatalogueObject[], text: string): readonly CatalogueObject[] => {
  const named = sql.prepare(
    `SELECT 1 FROM sqlite_schema AS s, pragma_table_xinfo(s.name) AS c
     WHERE s.type = 'table' AND (s.name = @text COLLATE NOCASE OR c.name = @text COLLATE NOCASE)`,
  );
  const isName = objects.some((object) => fold(object.name) === fold(text) || isAlias(object.sql, text));
  if (isName || named.get({ text }) !== undefined) return [];
  return objects.filter((object) => withString(object.sql, text) !== object.sql);
};
