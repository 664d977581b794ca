/**
 * Classifies a piece of SQL text: a type, a literal, one expression, the head of a statement, the parts of an index.
 */
import { afterParentheses, isOperator, isWord, lex, listItems, nameIn, type Token, tokensOf } from './lexer.ts';
import { fold, quote } from './names.ts';

/** Whether the text is one SQL literal, including CURRENT_TIME and the like. */
export const isLiteral = (text: string): boolean => {
  const [first, second, ...rest] = lex(text);
  if (first === undefined || rest.length > 0 || !text.isWellFormed()) return false;
  if (second !== undefined) return isOperator(first, '+', '-') && isNumber(second);
  return isNumber(first) || first.kind === 'string' || first.kind === 'blob' || isWord(first, ...CONSTANTS);
};

const CONSTANTS = ['null', 'true', 'false', 'current_time', 'current_date', 'current_timestamp'];

/** A number that every SQLite version accepts: only newer ones allow `_` between digits. */
const isNumber = ({ kind, text }: Token): boolean =>
  kind === 'number' && !text.includes('_') && !/^0x[0-9a-f]{17}/i.test(text);

/**
 * Why a text cannot be used as one expression in a statement; null if it stays within parentheses placed around it.
 * SQLite decides whether it *is* an expression.
 */
export const notOneExpression = (text: string): string | null => {
  if (text.includes('\0')) return 'holds a NUL character';
  if (!text.isWellFormed()) return 'is not valid Unicode';
  const tokens = lex(text).filter(({ kind }) => kind !== 'space');
  if (tokens.length === 0) return 'is empty';
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'comment') return 'holds a comment';
    if (token.kind === 'invalid') return `has an invalid token, ${JSON.stringify(token.text.slice(0, 20))}`;
    if (token.kind === 'parameter') return `holds a parameter, ${token.text}`;
    if (isOperator(token, ';')) return 'is more than one expression: it holds a semicolon';
    if (isOperator(token, '(')) depth++;
    if (isOperator(token, ')')) depth--;
    if (isOperator(token, ',') && depth === 0) return 'is more than one expression: it holds a comma';
    if (depth < 0) return 'closes a parenthesis that it did not open';
  }
  return depth === 0 ? null : 'opens a parenthesis that it does not close';
};

export type ObjectType = 'table' | 'index' | 'trigger' | 'view';

export interface Head {
  readonly type: ObjectType;
  /** Without quotes. */
  readonly name: string;
  /** The position of the name, including its quotes. */
  readonly from: number;
  readonly to: number;
}

/**
 * The object that a statement creates. Null unless the statement begins like those in sqlite_schema: SQLite normalizes
 * the start to `CREATE INDEX `, and stores the rest as written.
 */
export const headOf = (statement: string): Head | null => {
  const [prefix, type] = /^CREATE (TABLE|(?:UNIQUE )?INDEX|TRIGGER|VIEW) /.exec(statement) ?? [];
  if (prefix === undefined || type === undefined) return null;
  const from = prefix.length;
  const [token, next] = tokensOf(statement.slice(from));
  if (token?.from !== 0 || !/^(word|name|string)$/.test(token.kind)) return null;
  const found = (type.split(' ').at(-1) ?? type).toLowerCase() as ObjectType;
  // CREATE TABLE … AS and qualified names never occur in sqlite_schema.
  if (found === 'table' && !isOperator(next, '(')) return null;
  return { type: found, name: nameIn(token), from, to: from + token.to };
};

/** The same index or table under another name. */
export const withName = (statement: string, name: string): string => {
  const head = headOf(statement);
  if (head === null) throw new Error(`not a statement of sqlite_schema: ${statement}`);
  return `${statement.slice(0, head.from)}${quote(name)}${statement.slice(head.to)}`;
};

export interface IndexText {
  /** The indexed columns and expressions as written, without ASC and DESC. */
  readonly parts: readonly string[];
  /** The condition of a partial index; null if there is none. */
  readonly where: string | null;
}

/** The expressions in a CREATE INDEX, which no pragma returns. */
export const readIndexText = (sql: string): IndexText => {
  const tokens = lex(sql);
  const open = tokens.findIndex((token) => isOperator(token, '('));
  const close = afterParentheses(tokens, open);
  const rest = tokens.slice(close);
  const where = rest.findIndex((token) => isWord(token, 'where'));
  return {
    parts: listItems(tokens.slice(open + 1, close - 1)).map((item) => textOf(item).replace(/\s+(asc|desc)$/i, '')),
    where: where === -1 ? null : textOf(rest.slice(where + 1)),
  };
};

/** The text as written, without its comments. */
const textOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ kind, text }) => (kind === 'comment' ? ' ' : text))
    .join('')
    .trim();

/** The names in an expression, unquoted and folded, including keywords and functions. */
export const namesIn = (expression: string): ReadonlySet<string> =>
  new Set(tokensOf(expression).flatMap((token) => (/^(word|name)$/.test(token.kind) ? [fold(nameIn(token))] : [])));
