import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterParentheses, lex, listItems, nameIn, tokensOf } from '../../../src/databases/sqlite/lexer.ts';

const kinds = (sql: string) => lex(sql).flatMap(({ kind, text }) => (kind === 'space' ? [] : [`${kind} ${text}`]));

describe('the tokens of SQL', () => {
  it.each([
    ['a\'b\'\'c\'"d""e"[f"]`g``h`', ['word a', "string 'b''c'", 'name "d""e"', 'name [f"]', 'name `g``h`']],
    ["x'0a' X'' x'0' x'zz'", ["blob x'0a'", "blob X''", "invalid x'0'", "invalid x'zz'"]],
    ['1 1.5 .5 1. 1e-3 0xFf 1_000', ['1', '1.5', '.5', '1.', '1e-3', '0xFf', '1_000'].map((text) => `number ${text}`)],
    ['1a 0x 1e .5x 1_a', ['1a', '0x', '1e', '.5x', '1_a'].map((text) => `invalid ${text}`)],
    [
      'a--b;\n;c/*;*/d/*e',
      ['word a', 'comment --b;', 'operator ;', 'word c', 'comment /*;*/', 'word d', 'comment /*e'],
    ],
    ['a/*', ['word a', 'operator /', 'operator *']],
    ['?1 :a @b $c #d ?', ['?1', ':a', '@b', '$c', '#d', '?'].map((text) => `parameter ${text}`)],
    [': $e(f', ['invalid :', 'parameter $e', 'operator (', 'word f']],
    ['0.a', ['invalid 0.a']],
    ["Größe a$b '", ['word Größe', 'word a$b', "invalid '"]],
    ['a->>b->c||d', ['word a', 'operator ->>', 'word b', 'operator ->', 'word c', 'operator ||', 'word d']],
    ['<=>=<>!====<<>>', ['<=', '>=', '<>', '!=', '==', '=', '<<', '>>'].map((text) => `operator ${text}`)],
    ['"a', ['invalid "a']],
    ['[a', ['invalid [a']],
    ['a!b\\^', ['word a', 'invalid !', 'word b', 'invalid \\', 'invalid ^']],
    ['a\0b', ['word a', 'invalid \0b']],
    ["'a\0b'", ["invalid 'a\0b'"]],
  ])('%j is split as SQLite splits it', (sql, expected) => {
    expect(kinds(sql)).toEqual(expected);
  });

  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(...`ab'"\`[]()-/*;,.x0e1_ \n?:$#@!|<>=~\\^%&+\0é`),
      fc.constantFrom('SELECT ', "'it''s'", '"a""b"', '/*', '*/', '--', "x'0a'", '0x1F', '1e5', '->>', ':a', 'WHERE'),
    ),
    { maxLength: 12 },
  );

  it('are the text, one after the other', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const sql = parts.join('');
        let at = 0;
        for (const { from, to, text } of lex(sql)) {
          expect(from).toBe(at);
          expect(sql.slice(from, to)).toBe(text);
          expect(text).not.toBe('');
          at = to;
        }
        expect(at).toBe(sql.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never begin inside a string, a quoted name or a comment', () => {
    const inside = fc.string({ unit: fc.constantFrom(...'ab;,()-/*x0 \n') });
    const quoted = fc.oneof(
      inside.map((text) => ['string', `'${text}'`] as const),
      inside.map((text) => ['name', `"${text}'"`] as const),
      inside.map((text) => ['name', `\`${text}"\``] as const),
      inside.map((text) => ['name', `[${text}']`] as const),
      inside.map((text) => ['comment', `/*'${text.replaceAll('*', '"')}*/`] as const),
      inside.map((text) => ['comment', `--'${text.replaceAll('\n', '"')}`] as const),
    );
    fc.assert(
      fc.property(fc.array(quoted, { minLength: 1, maxLength: 5 }), (parts) => {
        const sql = parts.map(([, text]) => text).join('\n');
        expect(lex(sql).flatMap(({ kind, text }) => (kind === 'space' ? [] : [[kind, text]]))).toEqual(parts);
      }),
    );
  });

  it('are those that SQLite itself names when it rejects a text', () => {
    const sql = new Sqlite(':memory:');
    sql.exec('CREATE TABLE t (a, b)');
    let named = 0;
    const prefixes = ['', 'SELECT ', 'SELECT a FROM t WHERE ', 'SELECT (1, ', 'INSERT INTO t VALUES (1, '];
    fc.assert(
      fc.property(fc.constantFrom(...prefixes), pieces, (prefix, parts) => {
        // For SQLite, a NUL is the end of the text.
        const text = `${prefix}${parts.join('')}`.replaceAll('\0', '');
        // Where `_` stands in a number is for the parser to check.
        if (/[0-9A-F]_/i.test(text)) return;
        const [unknown, near] = [refusalOf(sql, text, UNRECOGNIZED), refusalOf(sql, text, NEAR)];
        const tokens = tokensOf(text);
        if (unknown !== null) {
          named += 1;
          expect(tokens.find(({ kind }) => kind === 'invalid')?.text).toBe(unknown);
        } else if (near !== null) {
          named += 1;
          expect(tokens.map((token) => token.text)).toContain(near);
        }
      }),
      { numRuns: 5_000 },
    );
    expect(named).toBeGreaterThan(2_000);
    sql.close();
  });

  it.each([
    ['"a""b"', 'a"b'],
    ['`a``b`', 'a`b'],
    ['[a"b]', 'a"b'],
    ["'it''s'", "it's"],
    ['plain', 'plain'],
  ])('%s names %s', (sql, name) => {
    const [token] = tokensOf(sql);
    expect(token && nameIn(token)).toBe(name);
  });

  it('show what closes a parenthesis, and the items of a list', () => {
    const tokens = tokensOf("f(a, (b), ')') + 1");
    expect(tokens[afterParentheses(tokens, 1)]?.text).toBe('+');
    expect(afterParentheses(tokensOf('(a'), 0)).toBe(2);
    expect(listItems(tokensOf('a, (b, c), d')).map((item) => item.length)).toEqual([1, 5, 1]);
  });
});

const UNRECOGNIZED = /^unrecognized token: "([\s\S]*)"$/;
const NEAR = /^near "([\s\S]*)": syntax error$/;

const refusalOf = (sql: Sqlite.Database, text: string, pattern: RegExp): string | null => {
  try {
    sql.prepare(text);
    return null;
  } catch (error) {
    return pattern.exec((error as Error).message)?.[1] ?? null;
  }
};
