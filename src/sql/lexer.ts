/**
 * The words of a statement, as PostgreSQL's lexer divides it: quoted names, texts with doubled quotes, E'' and $$ texts,
 * comments that nest. Everything that is rewritten or read by the grammar goes through here, so a text that contains
 * a statement stays a text.
 */
import { sqlError } from './errors.ts';

export interface Token {
  readonly is: 'word' | 'name' | 'text' | 'number' | 'parameter' | 'sign' | 'end';
  /** A word in lower case; a quoted name or a text without its quotes; a number or sign as it stands. */
  readonly value: string;
  /** Offsets in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** The longest statement that is read, in UTF-16 units. */
const LONGEST_STATEMENT = 1_048_576;
/** Enough for a list of 10,000 values. */
const MOST_TOKENS = 25_000;

const SPACE = /[ \t\r\n\f\v]+/y;
const LINE_COMMENT = /--[^\r\n]*/y;
const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const NUMBER = /(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const PARAMETER = /\$(\d+)/y;
const DOLLAR = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
const SIGN = /::|<=|>=|<>|!=|\|\||[!~@#^&|`?+\-*/%<>=.,;:()[\]{}\\]/y;

/** The position of an offset for people: in characters, from 1. */
export const positionOf = (text: string, offset: number): number => {
  if (text !== counted.text || offset < counted.offset) counted = { text, offset: 0, characters: 0 };
  for (let at = counted.offset; at < offset; at += 1) {
    const unit = text.charCodeAt(at);
    // The second half of a pair.
    if (unit < 0xdc00 || unit > 0xdfff) counted.characters += 1;
  }
  counted.offset = offset;
  return counted.characters + 1;
};

/** Positions are asked for from left to right, many in one statement: each continues where the last one was. */
let counted = { text: '', offset: 0, characters: 0 };

/** @throws 42601 for what cannot be a part of a statement, 22021 for a NUL, 54000 for a text that is too long */
export const lex = (text: string): readonly Token[] => {
  if (text.length > LONGEST_STATEMENT) {
    throw sqlError('tooLong', `the statement has ${text.length} characters: at most ${LONGEST_STATEMENT} are allowed`);
  }
  const nul = text.indexOf('\0');
  if (nul >= 0)
    throw sqlError('invalidBytes', 'invalid byte sequence for encoding "UTF8": 0x00', positionOf(text, nul));
  if (!text.isWellFormed()) throw sqlError('invalidBytes', 'the statement is not valid Unicode');
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const push = (is: Token['is'], value: string, end: number) => {
    if (tokens.length >= MOST_TOKENS) {
      throw sqlError('tooComplex', `the statement has more than ${MOST_TOKENS} words`, positionOf(text, at));
    }
    tokens.push({ is, value, start: at, end });
    at = end;
  };
  const fail = (message: string): never => {
    throw sqlError('syntax', message, positionOf(text, at));
  };
  while (at < text.length) {
    const blank = match(SPACE) ?? match(LINE_COMMENT);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    if (text.startsWith('/*', at)) {
      at = commentEnd(text, at) ?? fail('unterminated /* comment');
      continue;
    }
    const char = text[at] as string;
    const next = text[at + 1];
    if (char === "'") {
      const [value, end] = quoted(text, at, "'") ?? fail('unterminated quoted string');
      push('text', value, end);
    } else if (char === '"') {
      const [value, end] = quoted(text, at, '"') ?? fail('unterminated quoted identifier');
      if (value === '') fail('zero-length delimited identifier at or near """"');
      push('name', value, end);
    } else if ((char === 'e' || char === 'E') && next === "'") {
      const [value, end] = escaped(text, at + 1) ?? fail('unterminated quoted string');
      push('text', value, end);
    } else if (/[bBxXnN]/.test(char) && next === "'") {
      fail(`${char}'' is not supported: use a text or a number`);
    } else if (/^[uU]&['"]/.test(text.slice(at, at + 3))) {
      fail(`${char}& is not supported: write the characters`);
    } else {
      const parameter = match(PARAMETER);
      const dollar = match(DOLLAR);
      if (parameter !== null) {
        push('parameter', parameter[1] ?? '', at + parameter[0].length);
      } else if (dollar !== null) {
        const end = text.indexOf(dollar[0], at + dollar[0].length);
        if (end < 0) fail('unterminated dollar-quoted string');
        push('text', text.slice(at + dollar[0].length, end), end + dollar[0].length);
      } else {
        const word = match(WORD);
        const number = word === null ? match(NUMBER) : null;
        const sign = word === null && number === null ? match(SIGN) : null;
        const found = word ?? number ?? sign ?? fail(`syntax error at or near "${[...text.slice(at, at + 2)][0]}"`);
        if (word !== null) push('word', found[0].toLowerCase(), at + found[0].length);
        else push(number !== null ? 'number' : 'sign', found[0], at + found[0].length);
      }
    }
  }
  tokens.push({ is: 'end', value: '', start: text.length, end: text.length });
  return tokens;
};

/** Comments nest. Null: it does not end. */
const commentEnd = (text: string, from: number): number | null => {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (text.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
};

/** A text in which a doubled quote is one quote. */
const quoted = (text: string, from: number, quote: string): readonly [string, number] | null => {
  for (let at = from + 1; ; at += 2) {
    at = text.indexOf(quote, at);
    if (at < 0) return null;
    if (text[at + 1] !== quote) return [text.slice(from + 1, at).replaceAll(quote + quote, quote), at + 1];
  }
};

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const escaped = (text: string, from: number): readonly [string, number] | null => {
  let value = '';
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text[at] as string;
    if (char === "'" && text[at + 1] !== "'") return [value, at + 1];
    if (char === "'") at += 1;
    if (char !== '\\') {
      value += char;
      continue;
    }
    at += 1;
    const next = text[at] ?? '';
    value += ESCAPES[next] ?? next;
  }
  return null;
};
