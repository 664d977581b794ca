/**
 * Reads the statements of a database from their text: each is a single statement that creates a table, a virtual table,
 * an index, a trigger or a view. Nothing is executed, so it does not matter whether this server has the functions,
 * collations and modules that they use.
 */
import type Sqlite from 'better-sqlite3';
import { cutText } from '../../errors.ts';
import { readObjects } from './catalogue.ts';
import { isOperator, isWord, nameIn, type Token, tokensOf } from './lexer.ts';
import { fold, isReserved, quote } from './names.ts';
import { moduleOf, referencesOf } from './references.ts';
import { headOf, type ObjectType } from './sql-text.ts';

export interface Declared {
  readonly type: ObjectType;
  readonly name: string;
  /** The table of an index or a trigger; otherwise the object's own name. */
  readonly table: string;
  readonly sql: string;
  /** The module of a virtual table; null for everything else. */
  readonly module: string | null;
}

/** Explains what is wrong with a statement. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
}

/**
 * The objects that statements create, tables first.
 * @throws StatementError naming the first statement that is not allowed
 */
export const declare = (statements: readonly string[]): readonly Declared[] => {
  const all = statements.map(declareOne);
  const names = new Set<string>();
  for (const { type, name, sql } of all) {
    // Triggers have a namespace of their own.
    const key = `${type === 'trigger' ? 'trigger' : 'table'} ${fold(name)}`;
    if (names.has(key)) throw refused(sql, 'has the name of another statement');
    names.add(key);
  }
  for (const { table, sql } of all) {
    if (!names.has(`table ${fold(table)}`)) throw refused(sql, `refers to ${quote(table)}, which no statement creates`);
  }
  return ORDER.flatMap((type) => all.filter((one) => one.type === type));
};

const declareOne = (sql: string): Declared => {
  const declared = virtualOf(sql) ?? ordinaryOf(sql);
  if (declared === null || !isSingle(sql, declared.type)) {
    throw refused(sql, 'is not one CREATE TABLE, INDEX, TRIGGER or VIEW');
  }
  if (isReserved(declared.name)) throw refused(sql, 'has a name that is reserved');
  return declared;
};

const ordinaryOf = (sql: string): Declared | null => {
  const head = headOf(sql);
  if (head === null) return null;
  const { type, name } = head;
  if (type === 'table' || type === 'view') return { type, name, table: name, sql, module: null };
  const tokens = tokensOf(sql.slice(head.to));
  const on = tokens.findIndex((token) => isWord(token, 'on'));
  const table = tokens[isOperator(tokens[on + 2], '.') ? on + 3 : on + 1];
  return on === -1 || table === undefined ? null : { type, name, table: nameIn(table), sql, module: null };
};

/** As SQLite stores it: CREATE VIRTUAL TABLE, the name, USING. */
const virtualOf = (sql: string): Declared | null => {
  if (!/^CREATE VIRTUAL TABLE /.test(sql)) return null;
  const module = moduleOf(sql);
  const name = nameIn(tokensOf(sql)[3] as Token);
  return module === null ? null : { type: 'table', name, table: name, sql, module };
};

/** Only the body of a trigger contains semicolons, and it ends with the END that follows one. */
const isSingle = (sql: string, type: ObjectType): boolean => {
  const tokens = tokensOf(sql);
  if (tokens.some(({ kind }) => kind === 'invalid')) return false;
  if (type !== 'trigger') return !tokens.some((token) => isOperator(token, ';'));
  const end = tokens.findIndex((token, at) => isWord(token, 'end') && isOperator(tokens[at - 1], ';'));
  return end === tokens.length - 1;
};

/** The statements of a catalogue, without the objects of SQLite and of jobs. */
export const statementsOf = (sql: Sqlite.Database): readonly string[] =>
  readObjects(sql).flatMap((object) => (object.sql === null || isReserved(object.name) ? [] : [object.sql]));

/**
 * The objects that belong to some tables: the tables themselves, their indexes and triggers, and each view that needs
 * one of them and otherwise only objects in `there`; also the triggers of such views.
 * @param there the names of other tables and views that can be read
 */
export const belongingTo = (
  all: readonly Declared[],
  tables: readonly string[],
  there: readonly string[] = [],
): readonly Declared[] => {
  const wanted = new Set(tables.map(fold));
  const others = new Set(there.map(fold));
  const isKnown = knownIn(all, others);
  const views = all.filter(({ type }) => type === 'view');
  // A view may need another one that follows it.
  for (let size = -1; size !== wanted.size; ) {
    size = wanted.size;
    for (const { name, sql } of views) {
      const needed = [...referencesOf(sql, isKnown)];
      const isReadable = needed.every((one) => wanted.has(one) || others.has(one));
      if (isReadable && needed.some((one) => wanted.has(one))) wanted.add(fold(name));
    }
  }
  return all.filter(({ type, name, table }) => wanted.has(fold(type === 'view' ? name : table)));
};

/**
 * The triggers and virtual tables among `chosen` that refer to something that is neither chosen nor in `there`, with
 * its name.
 */
export const lackingOf = (
  chosen: readonly Declared[],
  all: readonly Declared[],
  there: readonly string[],
): readonly { readonly declared: Declared; readonly lacks: string }[] => {
  const others = new Set(there.map(fold));
  const isKnown = knownIn(all, others);
  const readable = new Set(
    chosen.flatMap(({ type, name }) => (type === 'table' || type === 'view' ? [fold(name)] : [])),
  );
  return chosen.flatMap((declared) => {
    if (declared.type !== 'trigger' && declared.module === null) return [];
    const needed = [...referencesOf(declared.sql, isKnown)];
    const lacks = needed.find((name) => !readable.has(name) && !others.has(name));
    return lacks === undefined ? [] : [{ declared, lacks }];
  });
};

const knownIn = (all: readonly Declared[], there: ReadonlySet<string>) => {
  const names = new Set(all.map(({ name }) => fold(name)));
  return (name: string) => names.has(name) || there.has(name);
};

const ORDER: readonly ObjectType[] = ['table', 'index', 'view', 'trigger'];

const refused = (statement: string, message: string) =>
  new StatementError(`the statement ${JSON.stringify(cutText(statement, 100))} ${message}`);
