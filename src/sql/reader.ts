/** Reads the tokens of one statement from left to right, for the grammar. */
import { type State, sqlError } from './errors.ts';
import { positionOf, type Token } from './lexer.ts';

/** A value in a statement: written there, or a parameter. */
export type Literal =
  | { readonly is: 'text' | 'number'; readonly value: string; readonly at: number }
  | { readonly is: 'parameter'; readonly number: number; readonly at: number };

export const createReader = (text: string, tokens: readonly Token[]) => {
  let next = 0;
  const token = (ahead = 0): Token => tokens[Math.min(next + ahead, tokens.length - 1)] as Token;
  const position = (offset = token().start) => positionOf(text, offset);
  const fail = (message: string, at: number = position(), state: State = 'syntax'): never => {
    throw sqlError(state, message, at);
  };
  /** PostgreSQL's own words for an unexpected token. */
  const unexpected = (): never => {
    const { is, start, end } = token();
    return fail(
      is === 'end'
        ? 'syntax error at end of input'
        : `syntax error at or near ${JSON.stringify(text.slice(start, end).slice(0, 100))}`,
    );
  };
  const isNext = (...words: readonly string[]): boolean =>
    words.every((word, ahead) => {
      const { is, value } = token(ahead);
      return (is === 'word' || is === 'sign') && value === word;
    });
  /** Consumes these words and signs if all of them follow. */
  const accept = (...words: readonly string[]): boolean => {
    if (!isNext(...words)) return false;
    next += words.length;
    return true;
  };
  const expect = (...words: readonly string[]): void => {
    for (const word of words) if (!accept(word)) unexpected();
  };
  const literal = (): Literal | null => {
    const { is, value } = token();
    const at = position();
    const isNegative = is === 'sign' && value === '-' && token(1).is === 'number';
    if (isNegative) {
      next += 2;
      return { is: 'number', value: `-${token(-1).value}`, at };
    }
    if (is !== 'text' && is !== 'number' && is !== 'parameter') return null;
    next += 1;
    return is === 'parameter' ? { is, number: Number(value), at } : { is, value, at };
  };
  /** A name of a table, database, column …, quoted or not. As in SQLite and here, names keep the case they are written in. */
  const name = (): string => {
    const { is, value, start, end } = token();
    if (is !== 'word' && is !== 'name') return unexpected();
    next += 1;
    return is === 'name' ? value : text.slice(start, end);
  };
  const listOf = <T>(read: () => T): readonly T[] => {
    const items = [read()];
    while (accept(',')) items.push(read());
    return items;
  };
  return {
    text,
    token,
    position,
    fail,
    unexpected,
    isNext,
    accept,
    expect,
    name,
    listOf,
    isEnd: () => token().is === 'end',
    skip: () => {
      next += 1;
    },
    /** Goes back to where an earlier `mark` was. */
    mark: () => {
      const at = next;
      return () => {
        next = at;
      };
    },
    optionalLiteral: literal,
    literal: (): Literal => literal() ?? unexpected(),
    /** The id of a job. A name in its place is read as a text, which is no number: not as a mistake of the grammar. */
    id: (): Literal => {
      const { is, value, start, end } = token();
      const at = position();
      if ((is !== 'word' && is !== 'name') || isNext('with')) return literal() ?? unexpected();
      next += 1;
      return { is: 'text', value: is === 'name' ? value : text.slice(start, end), at };
    },
    textLiteral: (): Literal => {
      const found = literal() ?? unexpected();
      return found.is === 'number' ? fail('a text in quotes is expected here', found.at) : found;
    },
    /** Consumes a parenthesis with all that is in it; returns its bounds in the text, without the parentheses. */
    parenthesis: (): readonly [number, number] => {
      const from = token().end;
      expect('(');
      for (let depth = 1; ; next += 1) {
        const { is, value, start } = token();
        if (is === 'end') unexpected();
        if (is !== 'sign') continue;
        if (value === '(') depth += 1;
        if (value === ')') depth -= 1;
        if (depth > 0) continue;
        next += 1;
        return [from, start];
      }
    },
    /** Fails unless the statement has ended. */
    end: (): void => {
      if (token().is !== 'end') unexpected();
    },
  };
};

export type Reader = ReturnType<typeof createReader>;
