/**
 * SQL as text, by SQLite's lexical rules: enough to find where a word, a name, a parenthesis stands, and never to be
 * taken in by what stands in a string, a quoted name or a comment. What a statement means, SQLite itself is asked.
 */

export interface Token {
  /** `word` is a keyword or a plain name; `name` one in quotes of any sort; `mark` any single other character. */
  readonly kind: 'word' | 'name' | 'string' | 'blob' | 'number' | 'variable' | 'mark' | 'comment' | 'broken';
  readonly text: string;
  readonly from: number;
  /** Behind the last character. */
  readonly to: number;
}

/** All tokens, comments too; white space is left out. What no rule takes, as a quote without an end, is `broken`. */
export const tokensOf = (sql: string): readonly Token[] => {
  const tokens: Token[] = [];
  for (let from = 0; from < sql.length; ) {
    const [kind, length] = tokenAt(sql, from);
    if (kind !== 'space') tokens.push({ kind, text: sql.slice(from, from + length), from, to: from + length });
    from += length;
  }
  return tokens;
};

/** What a token names, without its quotes. SQLite takes a string for a name where only a name can stand. */
export const nameIn = ({ kind, text }: Token): string => {
  if (kind !== 'name' && kind !== 'string') return text;
  const [mark = ''] = text;
  return mark === '[' ? text.slice(1, -1) : text.slice(1, -1).replaceAll(mark + mark, mark);
};

/** Whether it is this keyword, given in lower case. */
export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text.toLowerCase());

export const isMark = (token: Token | undefined, mark: string): boolean =>
  token?.kind === 'mark' && token.text === mark;

/**
 * Why a text cannot stand for one expression in a statement, in words for people; null when it can be put between
 * parentheses without reaching out of them. Whether it *is* an expression, SQLite has to say then.
 */
export const notOneExpression = (text: string): string | null => {
  if (text.includes('\0')) return 'holds a NUL character';
  if (!text.isWellFormed()) return 'is not valid Unicode';
  const tokens = tokensOf(text);
  if (tokens.length === 0) return 'is empty';
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'comment') return 'holds a comment';
    if (token.kind === 'broken') return `is cut short at ${JSON.stringify(token.text.slice(0, 20))}`;
    if (token.kind === 'variable') return `holds a parameter, ${token.text}`;
    if (isMark(token, ';')) return 'is more than one expression: it holds a semicolon';
    if (isMark(token, '(')) depth++;
    if (isMark(token, ')')) depth--;
    if (isMark(token, ',') && depth === 0) return 'is more than one expression: it holds a comma';
    if (depth < 0) return 'closes a parenthesis that it did not open';
  }
  return depth === 0 ? null : 'opens a parenthesis that it does not close';
};

/** The index behind the parenthesis that closes the one at `open`; the end when none does. */
export const behindParentheses = (tokens: readonly Token[], open: number): number => {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isMark(tokens[at], '(')) depth++;
    if (isMark(tokens[at], ')') && --depth === 0) return at + 1;
  }
  return tokens.length;
};

type Rule = readonly [kind: Token['kind'] | 'space', pattern: RegExp];

const IDENTIFIER = '[A-Za-z_\\u0080-\\uffff][A-Za-z0-9_$\\u0080-\\uffff]*';

// In this order: the first that takes what is there.
const RULES: readonly Rule[] = [
  ['space', /[ \t\n\f\r\ufeff]+/y],
  ['comment', /--[^\n]*\n?/y],
  // One that is never closed goes on to the end.
  ['comment', /\/\*[\s\S]*?(\*\/|$)/y],
  ['blob', /x'([0-9a-f]{2})*'/iy],
  ['broken', /x'[^']*'?/iy],
  ['string', /'[^']*(''[^']*)*'/y],
  ['name', /"[^"]*(""[^"]*)*"|`[^`]*(``[^`]*)*`|\[[^\]]*\]/y],
  ['broken', /['"`[][\s\S]*/y],
  ['number', /0x[0-9a-f_]+|((\d[\d_]*)(\.[\d_]*)?|\.\d[\d_]*)(e[+-]?\d[\d_]*)?/iy],
  ['variable', new RegExp(`\\?\\d*|[:@#$]${IDENTIFIER}`, 'y')],
  ['word', new RegExp(IDENTIFIER, 'y')],
  ['broken', /\0[\s\S]*/y],
];

const tokenAt = (sql: string, from: number): readonly [Rule[0], length: number] => {
  for (const [kind, pattern] of RULES) {
    pattern.lastIndex = from;
    const found = pattern.exec(sql)?.[0];
    if (found !== undefined && found !== '') return [kind, found.length];
  }
  return ['mark', 1];
};
