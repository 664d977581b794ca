/**
 * PostgreSQL's own parser, for SELECT. It is WebAssembly of 1.7 MB, and is loaded by the first statement that needs it.
 * It does not know `[SHOW JOBS]` and `(SHOW JOBS)`: these are replaced by a name before, which is no longer than they
 * are, so that positions stay as they are.
 */
import type { Node } from 'libpg-query';
import { LRUCache } from 'lru-cache';
import { sqlError } from './errors.ts';
import { positionOf, type Token } from './lexer.ts';
import type { Nested, SHOWN } from './statement.ts';

export type { Node } from 'libpg-query';

export type SourceName = (typeof SHOWN)[number];

export interface ParsedSelect {
  readonly select: Extract<Node, { SelectStmt: unknown }>['SelectStmt'];
  /** The sources that were SHOW statements, by their location in the tree. */
  readonly sources: ReadonlyMap<number, SourceName>;
  /** The position in the whole statement, in characters from 1, of a location in the tree. */
  readonly positionOf: (location: number | undefined) => number | undefined;
}

const DEEPEST = 50;
/** The parser recurses along these. Lists of values have none of them. */
const MOST_OPERATORS = 3_000;
const CACHED_CHARACTERS = 262_144;

const known = new LRUCache<string, Node>({
  maxSize: CACHED_CHARACTERS,
  maxEntrySize: 4_096,
  sizeCalculation: (_, text) => text.length + 1,
});

/** @throws 42601 with its position, 54001 for a statement that is nested too deeply */
export const parseSelect = async (
  text: string,
  tokens: readonly Token[],
  { from, to }: Nested,
): Promise<ParsedSelect> => {
  const inside = tokens.filter((token) => token.start >= from && token.end <= to && token.is !== 'end');
  if (inside.length === 0) throw sqlError('syntax', 'a SELECT is expected here', positionOf(text, from));
  checkDepth(text, inside);
  const { sql, sources } = rewrite(text, inside, from, to);
  const toOffset = offsetsOf(sql);
  const position = (location: number | undefined) =>
    location === undefined || location < 0 ? undefined : positionOf(text, from + toOffset(location));
  const tree = known.get(sql) ?? (await parse(sql, text, from));
  known.set(sql, tree);
  if (!('SelectStmt' in tree)) {
    throw sqlError('syntax', 'a SELECT is expected here', positionOf(text, inside[0]?.start ?? from));
  }
  const byLocation = new Map([...sources].map(([offset, name]) => [Buffer.byteLength(sql.slice(0, offset)), name]));
  return { select: tree.SelectStmt, sources: byLocation, positionOf: position };
};

const parse = async (sql: string, text: string, from: number): Promise<Node> => {
  const { loadModule, parseSync } = await import('libpg-query');
  await loadModule();
  try {
    const { stmts = [] } = parseSync(sql);
    const [first, second] = stmts;
    if (first?.stmt !== undefined && second === undefined) return first.stmt;
    throw sqlError('syntax', 'a single SELECT is expected here', positionOf(text, from));
  } catch (error) {
    const details = (error as { readonly sqlDetails?: { readonly message: string; readonly cursorPosition: number } })
      .sqlDetails;
    if (details !== undefined) {
      const before = [...sql].slice(0, Math.max(0, details.cursorPosition)).join('').length;
      throw sqlError('syntax', details.message, positionOf(text, from + before));
    }
    if (error instanceof RangeError) throw sqlError('tooComplex', 'the statement is nested too deeply');
    throw error;
  }
};

const checkDepth = (text: string, tokens: readonly Token[]): void => {
  let depth = 0;
  let operators = 0;
  for (const { is, value, start } of tokens) {
    if (is === 'sign' && value === '(') depth += 1;
    if (is === 'sign' && value === ')') depth -= 1;
    if (is === 'word' || (is === 'sign' && value !== ',')) operators += 1;
    if (depth > DEEPEST || operators > MOST_OPERATORS) {
      throw sqlError('tooComplex', 'the statement is nested too deeply or has too many parts', positionOf(text, start));
    }
  }
};

const WORDS: Readonly<Record<string, SourceName>> = {
  'show jobs': 'recent',
  'show automatic jobs': 'automatic',
  'show changefeed jobs': 'changefeed',
};

/** `[SHOW JOBS]` becomes a name; `AS (SHOW JOBS)` becomes `AS (TABLE s)`, since WITH needs a query. */
const rewrite = (text: string, tokens: readonly Token[], from: number, to: number) => {
  const sources = new Map<number, SourceName>();
  let sql = text.slice(from, to);
  const put = (start: number, end: number, words: string) => {
    sql = sql.slice(0, start - from) + words.padEnd(end - start) + sql.slice(end - from);
  };
  tokens.forEach((open, index) => {
    const isBracket = open.value === '[';
    if (open.is !== 'sign' || (!isBracket && open.value !== '(')) return;
    const closing = isBracket ? ']' : ')';
    const end = [3, 4].map((length) => index + length).find((at) => tokens[at]?.value === closing);
    const close = tokens[end ?? -1];
    if (close?.is !== 'sign') return;
    const inner = tokens.slice(index + 1, end);
    const name = inner.every(({ is }) => is === 'word') ? WORDS[inner.map(({ value }) => value).join(' ')] : undefined;
    if (name === undefined) return;
    const before = tokens[index - 1];
    const isQuery = before?.is === 'word' && (before.value === 'as' || before.value === 'materialized');
    if (isQuery && !isBracket) {
      put(open.start, close.end, '(TABLE s)');
      sources.set(open.start - from + '(TABLE '.length, name);
    } else {
      put(open.start, close.end, 'show_jobs');
      sources.set(open.start - from, name);
    }
  });
  return { sql, sources };
};

/** Locations in the tree count bytes of UTF-8. They are asked for from left to right, mostly. */
const offsetsOf = (sql: string): ((bytes: number) => number) => {
  if (/^[\0-\x7f]*$/.test(sql)) return (bytes) => bytes;
  let seen = 0;
  let offset = 0;
  return (bytes) => {
    if (bytes < seen) {
      seen = 0;
      offset = 0;
    }
    while (seen < bytes && offset < sql.length) {
      const code = sql.codePointAt(offset) ?? 0;
      seen += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
      offset += code < 0x1_0000 ? 1 : 2;
    }
    return offset;
  };
};
