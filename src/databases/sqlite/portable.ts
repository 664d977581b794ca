/**
 * Statements of a catalogue that another program wrote. Its connection may read a double-quoted name that is not a
 * column as a string, which this one never does, except in statements that it loads from the catalogue.
 */
import type Sqlite from 'better-sqlite3';
import { messageOf } from '../../errors.ts';
import { isWord, lex, nameIn, type Token } from './lexer.ts';

/** The text that SQLite took for the name of a column, although it has to be a string; null for any other error. */
export const stringIn = (message: string): string | null =>
  /no such column: "(.*)" - should this be a string literal/s.exec(message)?.[1]?.replaceAll('""', '"') ?? null;

/** The statement with a double-quoted text as a string. SQLite accepts a string where only a name is possible. */
export const withString = (statement: string, text: string): string =>
  withTokens(statement, (token) =>
    token.kind === 'name' && token.text.startsWith('"') && nameIn(token) === text
      ? `'${text.replaceAll("'", "''")}'`
      : null,
  );

/** @param change the new text of a token, or null to keep it */
export const withTokens = (
  statement: string,
  change: (token: Token, before: Token | undefined) => string | null,
): string => {
  let before: Token | undefined;
  return lex(statement)
    .map((token) => {
      const text = change(token, before) ?? token.text;
      if (token.kind !== 'space' && token.kind !== 'comment') before = token;
      return text;
    })
    .join('');
};

/** Whether the statement has a double-quoted text that is also introduced there as a name with AS. */
export const isAlias = (statement: string, text: string): boolean => {
  let found = false;
  withTokens(statement, (token, before) => {
    found ||= isWord(before, 'as') && nameIn(token) === text;
    return null;
  });
  return found;
};

/**
 * Creates an object, and returns the statement that succeeded: double-quoted strings are single-quoted there.
 * @throws Error from SQLite
 */
export const createPortable = (sql: Sqlite.Database, statement: string): string => {
  try {
    sql.prepare(statement).run();
    return statement;
  } catch (error) {
    const text = stringIn(messageOf(error));
    const portable = text === null ? statement : withString(statement, text);
    if (portable === statement) throw error;
    return createPortable(sql, portable);
  }
};
