/**
 * Splits SQL into tokens by the rules of SQLite's own tokenizer (tokenize.c). It finds the positions of words, names
 * and parentheses, and is never misled by the contents of a string, a quoted name or a comment. Only SQLite decides
 * what a statement means.
 */

export interface Token {
  /**
   * `word` is a keyword or an unquoted name; `name` is quoted with "", `` or []; `invalid` is text that SQLite rejects,
   * such as an unterminated string.
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
  /** The index after its last character. */
  readonly to: number;
}

/** All tokens, including spaces and comments: concatenated, their texts are the input. */
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

/** The name that a token represents, without its quotes. SQLite accepts a string where only a name is possible. */
export const nameIn = ({ kind, text }: Token): string => {
  if (kind !== 'name' && kind !== 'string') return text;
  const [quote = ''] = text;
  return quote === '[' ? text.slice(1, -1) : text.slice(1, -1).replaceAll(quote + quote, quote);
};

/** Whether the token is one of these keywords, given in lower case. */
export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text.toLowerCase());

export const isOperator = (token: Token | undefined, ...operators: readonly string[]): boolean =>
  token?.kind === 'operator' && operators.includes(token.text);

/** The index after the parenthesis that closes the one at `open`; the number of tokens if none does. */
export const afterParentheses = (tokens: readonly Token[], open: number): number => {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isOperator(tokens[at], '(')) depth++;
    if (isOperator(tokens[at], ')') && --depth === 0) return at + 1;
  }
  return tokens.length;
};

/** The tokens between the commas of a list; commas in parentheses do not count as separators. */
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

// Matches a whole number or nothing: a part of a number is not a match.
const NUMBER = '(?=(0x[0-9a-f][0-9a-f_]*|(?:\\d[\\d_]*(?:\\.[\\d_]*)?|\\.\\d[\\d_]*)(?:e[+-]?\\d[\\d_]*)?))\\1';

/** The first matching rule applies. */
const RULES: readonly Rule[] = [
  ['space', /[ \t\n\f\r]+|\ufeff/y],
  ['comment', /--[^\n\0]*/y],
  // An unterminated comment extends to the end. `/*` with nothing after it is two operators.
  ['comment', /\/\*(?=[^\0])[\s\S]*?(\*\/|$)/y],
  ['blob', /x'([0-9a-f]{2})*'/iy],
  ['invalid', /x'[^']*'?/iy],
  // Two quotes in a row represent one quote: the closing quote is not followed by another.
  ['string', /'[^'\0]*(''[^'\0]*)*'(?!')/y],
  ['name', /"[^"\0]*(""[^"\0]*)*"(?!")|`[^`\0]*(``[^`\0]*)*`(?!`)|\[[^\]\0]*\]/y],
  ['invalid', /['"`[][\s\S]*/y],
  ['number', new RegExp(`${NUMBER}(?!${ID})`, 'iy')],
  ['invalid', new RegExp(`${NUMBER}${ID}+`, 'iy')],
  ['parameter', new RegExp(`\\?\\d*|[:@#$]${ID}+`, 'y')],
  ['word', new RegExp(`[A-Za-z_\\u0080-\\uffff]${ID}*`, 'y')],
  ['operator', /->>|->|\|\||<=|<>|<<|>=|>>|==|!=|[-+*/%&|~<>=(),;.]/y],
  // SQLite treats it as the end of the text.
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
