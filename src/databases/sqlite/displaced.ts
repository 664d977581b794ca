/**
 * Finds the rows that a REPLACE displaces. SQLite deletes the rows that have the values of the new row in a unique
 * index, and fires no delete trigger for them unless the writer enabled recursive triggers. A BEFORE trigger can find
 * them: this file generates the SQL for it in terms of NEW, using only built-in functions.
 *
 * NEW does not always hold the values that will be stored. After the trigger, REPLACE substitutes the default for a
 * NULL that is not allowed. BEFORE UPDATE, SQLite loads only the columns that the UPDATE sets or a trigger reads, and
 * computes generated columns from the loaded ones, so a trigger has to read all of `reads`.
 *
 * The SQL may find a row that stays, because the statement may ignore the conflict or fail. It never misses a row, with
 * two exceptions: a NULL is replaced by a default that differs from call to call, such as `random()` (`isUnpredictable`);
 * and an index on an expression of the rowid when SQLite chooses the rowid, which it does after the trigger.
 */
import Sqlite from 'better-sqlite3';
import type { Column, Table, TableIndex } from './catalogue.ts';
import { isOperator, isWord, lex, nameIn, type Token, tokensOf } from './lexer.ts';
import { fold, quote } from './names.ts';
import { namesIn, readIndexText } from './sql-text.ts';
import { generatedIn } from './table-text.ts';

/** A unique constraint: no two rows of the table have the same values in these parts. */
export interface Unique {
  readonly name: string;
  readonly parts: readonly UniquePart[];
  /** The condition of a partial index; null if there is none. */
  readonly where: string | null;
  /** The text of CREATE INDEX; null for a constraint and for the rowid, which cannot be dropped without the table. */
  readonly sql: string | null;
}

interface UniquePart {
  /** Null for an expression. */
  readonly column: string | null;
  /** As written in CREATE INDEX; empty for the index of a constraint. */
  readonly expression: string;
  /** Null for a rowid. */
  readonly collation: string | null;
}

export const uniqueIndex = ({ name, sql, parts }: TableIndex): Unique => {
  const written = sql === null ? { parts: [], where: null } : readIndexText(sql);
  return {
    name,
    parts: parts.map((part, i) => ({
      column: part.name,
      expression: written.parts[i] ?? '',
      collation: part.collation,
    })),
    where: written.where,
    sql,
  };
};

export const uniqueRowid = (rowid: string): Unique => ({
  name: rowid,
  parts: [{ column: rowid, expression: '', collation: null }],
  where: null,
  sql: null,
});

export interface Displaced {
  /** True of the rows that the new row displaces. Names are qualified where they could be ambiguous. */
  readonly where: string;
  /** The columns that decide, none of them generated: an UPDATE that does not change them displaces nothing. */
  readonly reads: readonly string[];
  /** The columns of the table that the condition names. */
  readonly names: readonly string[];
  /** `where` misses rows if REPLACE stores a default that cannot be predicted. */
  readonly isUnpredictable: boolean;
  /** What a row of the table has in the index. */
  readonly entry: IndexEntry;
}

/** SQL in terms of the columns of a row. */
export interface IndexEntry {
  readonly parts: readonly { readonly value: string; readonly collation: string | null }[];
  /** The condition of a partial index; null if there is none. */
  readonly where: string | null;
}

/** How the SQL refers to the new row and to the rows of the table. */
export interface Binding {
  /** The value of a column of the new row. */
  value(column: string): string;
  /** Qualifies the columns of the table; null if they are in scope under their own names only. */
  readonly table: string | null;
}

/**
 * Returns a function that generates the SQL for one unique index. By default it refers to columns by `NEW.` and by the
 * name of the table.
 */
export const displacedIn = (
  table: Table,
  { value, table: its }: Binding = { value: (column) => `NEW.${quote(column)}`, table: table.name },
): ((unique: Unique) => Displaced) => {
  const values = newValues(table, value);
  const qualifier = its === null ? '' : `${quote(its)}.`;
  return ({ parts, where }) => {
    const named = [
      ...parts.flatMap(({ column, expression }) => (column === null ? [...namesIn(expression)] : [fold(column)])),
      ...namesIn(where ?? ''),
    ];
    const reads = values.readsOf(named);
    const portable = (expression: string) =>
      its === null ? unqualified(values.portable(expression)) : values.portable(expression);
    const inScope = (expression: string) => `(SELECT +(${expression}) FROM ${values.scope(namesIn(expression))})`;
    const same = parts.map(({ column, expression, collation }) => {
      const collate = collation === null ? '' : ` COLLATE ${quote(collation)}`;
      if (column !== null) return `${qualifier}${quote(column)}${collate} = ${values.of(column)}`;
      const text = portable(expression);
      return `(${text})${collate} = ${inScope(text)}`;
    });
    const condition = where === null ? null : portable(where);
    const conditions = condition === null ? [] : [`(${condition})`, inScope(condition)];
    const names = table.columns.map(({ name }) => name).filter((name) => named.includes(fold(name)));
    const entry = {
      parts: parts.map(({ column, expression, collation }) => ({
        value: column === null ? portable(expression) : `${qualifier}${quote(column)}`,
        collation,
      })),
      where: condition,
    };
    const isUnpredictable = values.isUnpredictable(named);
    return { where: [...same, ...conditions].join(' AND '), reads, names, isUnpredictable, entry };
  };
};

/** The expression without the name of the table in front of its columns. */
const unqualified = (expression: string): string => {
  const tokens = tokensOf(expression);
  return tokens
    .filter((token, at) => !isOperator(token, '.') && !isOperator(tokens[at + 1], '.'))
    .map(({ text }) => text)
    .join(' ');
};

interface NewValues {
  /** SQL for the value that the new row will have in a column. */
  of(column: string): string;
  /** A FROM clause in which these names refer to the new row. */
  scope(names: ReadonlySet<string>): string;
  /** The columns that these names depend on. */
  readsOf(names: Iterable<string>): readonly string[];
  /** Whether they depend on a default that cannot be predicted. */
  isUnpredictable(names: Iterable<string>): boolean;
  /**
   * The same expression with one meaning in every connection: a double-quoted name that is not a column is a string.
   */
  portable(expression: string): string;
}

const ROWIDS = ['rowid', '_rowid_', 'oid'];

const newValues = (table: Table, value: Binding['value']): NewValues => {
  const columns = new Map(table.columns.map((column) => [fold(column.name), column]));
  const expressions = generatedBy(table);
  const defaults = defaultsOf(table);
  /** The column itself, and everything that a generated column is computed from, dependencies first. */
  const closureOf = (names: Iterable<string>, found = new Set<string>(), open = new Set<string>()) => {
    for (const name of names) {
      const column = columns.get(name);
      if (column === undefined || found.has(name) || open.has(name)) continue;
      const from = column.generated ? namesIn(expressions?.get(name) ?? '') : [];
      closureOf(expressions === null && column.generated ? columns.keys() : from, found, new Set([...open, name]));
      found.add(name);
    }
    return [...found].flatMap((name) => columns.get(name) ?? []);
  };
  const portable = (expression: string) =>
    portableText(expression, (name) => columns.has(name) || ROWIDS.includes(name));
  const of = (name: string): string => {
    const column = columns.get(fold(name));
    const now = value(column?.name ?? name);
    if (column === undefined) return now;
    const text = defaults.get(fold(name)) ?? null;
    if (text !== null) return `coalesce(${now}, ${text})`;
    if (!column.generated || expressions === null) return now;
    const replaced = closureOf([fold(name)]).filter((one) => (defaults.get(fold(one.name)) ?? null) !== null);
    if (replaced.length === 0) return now;
    const isReplaced = replaced.map((one) => `${value(one.name)} IS NULL`).join(' OR ');
    const expression = portable(expressions.get(fold(name)) ?? 'NULL');
    return `CASE WHEN ${isReplaced} THEN (SELECT ${expression} FROM ${scope(namesIn(expression))}) ELSE ${now} END`;
  };
  const scope = (names: ReadonlySet<string>): string => {
    const used = [...names].flatMap((name) => {
      const column = columns.get(name);
      if (column !== undefined) return [`${of(name)} AS ${quote(column.name)}`];
      return ROWIDS.includes(name) && table.rowid !== null ? [`${value(table.rowid)} AS ${quote(name)}`] : [];
    });
    return `(SELECT ${used.length === 0 ? '1' : used.join(', ')}) AS ${quote(table.name)}`;
  };
  const readsOf = (names: Iterable<string>) => {
    const found = closureOf(names).flatMap(({ name, generated }) => (generated ? [] : [name]));
    const isRowid = [...names].some((name) => ROWIDS.includes(name) && !columns.has(name));
    return [...found, ...(isRowid && table.rowid !== null ? [table.rowid] : [])];
  };
  const isUnpredictable = (names: Iterable<string>) =>
    closureOf(names).some(({ name }) => defaults.get(fold(name)) === null);
  return { of, scope, readsOf, isUnpredictable, portable };
};

/** Null if they cannot be determined: a generated column is then assumed to depend on all others. */
const generatedBy = ({ columns, sql }: Table): ReadonlyMap<string, string> | null => {
  if (!columns.some(({ generated }) => generated)) return new Map();
  try {
    return generatedIn(sql);
  } catch {
    return null;
  }
};

const portableText = (expression: string, isName: (name: string) => boolean): string => {
  const tokens = lex(expression);
  const isPlain = (token: Token, at: number) =>
    token.kind !== 'name' ||
    !token.text.startsWith('"') ||
    isName(fold(nameIn(token))) ||
    [tokens[at - 1], tokens[at + 1]].some((neighbor) => isOperator(neighbor, '.', '('));
  return tokens.map((token, at) => (isPlain(token, at) ? token.text : literal(nameIn(token)))).join('');
};

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * The values that REPLACE stores for a NULL, by folded name: SQL that means the same in every connection, or null if the
 * value cannot be predicted.
 */
const defaultsOf = (table: Table): ReadonlyMap<string, string | null> =>
  new Map(
    table.columns
      .filter((column) => column.notNull && column.default !== null && column.name !== table.alias)
      .map((column) => [fold(column.name), defaultText(column, table.strict)]),
  );

const NOW = ['current_time', 'current_date', 'current_timestamp'];
const DATES = ['date', 'time', 'datetime', 'julianday', 'strftime'];

/**
 * Null for a default that is unpredictable, such as `random()`, or that uses a function that is not built in. Any other
 * default is evaluated here, so that the column's type is applied to it. SQLite itself decides whether the value is
 * always the same, because it has to be in an index.
 */
const defaultText = ({ type, default: text }: Column, strict: boolean): string | null => {
  const tokens = tokensOf(text ?? '');
  const [only] = tokens;
  // DEFAULT treats a name as a string.
  const isName =
    tokens.length === 1 &&
    (only?.kind === 'name' || (only?.kind === 'word' && !isWord(only, ...NOW, 'null', 'true', 'false')));
  if (tokens.length === 1 && isWord(only, ...NOW)) return only?.text ?? null;
  const calls = tokens.filter((token, at) => token.kind === 'word' && isOperator(tokens[at + 1], '('));
  if (calls.some((token) => isWord(token, ...DATES)) || tokens.some((token) => isWord(token, ...NOW))) {
    return calls.every((token) => isWord(token, ...DATES)) ? `(${text})` : null;
  }
  const probe = new Sqlite(':memory:');
  try {
    const value = isName && only !== undefined ? literal(nameIn(only)) : text;
    probe.exec(
      `CREATE TABLE one (c ${type} DEFAULT (${value}))${strict ? ' STRICT' : ''}; CREATE INDEX i ON one (quote(${value}));
       INSERT INTO one DEFAULT VALUES`,
    );
    const found = probe.prepare('SELECT quote(c) FROM one WHERE coalesce(instr(c, char(0)), 0) = 0').pluck().get();
    return typeof found === 'string' ? found : null;
  } catch {
    return null;
  } finally {
    probe.close();
  }
};
