/**
 * The tokens of SQL, by the rules of SQLite's own tokenizer (tokenize.c). It finds where a word, a name or a parenthesis
 * stands, and is never misled by what stands in a string, a quoted name or a comment. What a statement means is for
 * SQLite to say.
 */

export interface Token {
  /**
   * `word` is a keyword or an unquoted name; `name` is quoted with "", `` or []; `invalid` is what SQLite rejects, such
   * as a string that is never closed.
   */
  readonly kind:
    | 'space'
    | 'comment'
    | 'word'
    | 'name'
    | 'string'
    | 'blob'
    | 'number'
    | 'parameter'
    | 'operator'
    | 'invalid';
  readonly text: string;
  readonly from: number;
  /** After the last character. */
  readonly to: number;
}

/** All tokens, spaces and comments included: their texts, one after the other, are the text. */
export const lex = (sql: string): readonly Token[] => {
  const tokens: Token[] = [];
  for (let from = 0; from < sql.length; ) {
    const [kind, length] = tokenAt(sql, from);
    tokens.push({ kind, text: sql.slice(from, from + length), from, to: from + length });
    from += length;
  }
  return tokens;
};

/** The tokens that a parser sees. */
export const tokensOf = (sql: string): readonly Token[] =>
  lex(sql).filter(({ kind }) => kind !== 'space' && kind !== 'comment');

/** The name that a token stands for, without its quotes. SQLite accepts a string where only a name can stand. */
export const nameIn = ({ kind, text }: Token): string => {
  if (kind !== 'name' && kind !== 'string') return text;
  const [quote = ''] = text;
  return quote === '[' ? text.slice(1, -1) : text.slice(1, -1).replaceAll(quote + quote, quote);
};

/** Whether it is one of these keywords, given in lower case. */
export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text.toLowerCase());

export const isOperator = (token: Token | undefined, ...operators: readonly string[]): boolean =>
  token?.kind === 'operator' && operators.includes(token.text);

/** The index after the parenthesis that closes the one at `open`; the end when none does. */
export const afterParentheses = (tokens: readonly Token[], open: number): number => {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isOperator(tokens[at], '(')) depth++;
    if (isOperator(tokens[at], ')') && --depth === 0) return at + 1;
  }
  return tokens.length;
};

/** The tokens between the commas of a list; commas in parentheses do not separate. */
export const listItems = (tokens: readonly Token[]): readonly (readonly Token[])[] => {
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isOperator(token, '(')) depth++;
    if (isOperator(token, ')')) depth--;
    if (depth === 0 && isOperator(token, ',')) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
};

type Rule = readonly [kind: Token['kind'], pattern: RegExp];

const ID = '[A-Za-z0-9_$\\u0080-\\uffff]';

// All of it, or nothing: a part of a number is none.
const NUMBER = '(?=(0x[0-9a-f][0-9a-f_]*|(?:\\d[\\d_]*(?:\\.[\\d_]*)?|\\.\\d[\\d_]*)(?:e[+-]?\\d[\\d_]*)?))\\1';

/** The first that matches applies. */
const RULES: readonly Rule[] = [
  ['space', /[ \t\n\f\r]+|\ufeff/y],
  ['comment', /--[^\n\0]*/y],
  // One that is never closed goes on to the end. `/*` with nothing after it is two operators.
  ['comment', /\/\*(?=[^\0])[\s\S]*?(\*\/|$)/y],
  ['blob', /x'([0-9a-f]{2})*'/iy],
  ['invalid', /x'[^']*'?/iy],
  // Two quotes in a row are one of the text: the quote that ends it is not followed by another.
  ['string', /'[^'\0]*(''[^'\0]*)*'(?!')/y],
  ['name', /"[^"\0]*(""[^"\0]*)*"(?!")|`[^`\0]*(``[^`\0]*)*`(?!`)|\[[^\]\0]*\]/y],
  ['invalid', /['"`[][\s\S]*/y],
  ['number', new RegExp(`${NUMBER}(?!${ID})`, 'iy')],
  ['invalid', new RegExp(`${NUMBER}${ID}+`, 'iy')],
  ['parameter', new RegExp(`\\?\\d*|[:@#$]${ID}+`, 'y')],
  ['word', new RegExp(`[A-Za-z_\\u0080-\\uffff]${ID}*`, 'y')],
  ['operator', /->>|->|\|\||<=|<>|<<|>=|>>|==|!=|[-+*/%&|~<>=(),;.]/y],
  // It is the end of the text for SQLite.
  ['invalid', /\0[\s\S]*/y],
  ['invalid', /[\s\S]/y],
];

const tokenAt = (sql: string, from: number): readonly [Token['kind'], length: number] => {
  for (const [kind, pattern] of RULES) {
    pattern.lastIndex = from;
    const found = pattern.exec(sql)?.[0];
    if (found) return [kind, found.length];
  }
  throw new Error(`no token begins at ${from}`);
};
