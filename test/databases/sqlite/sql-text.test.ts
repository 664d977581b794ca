import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behindParentheses, nameIn, notOneExpression, tokensOf } from '../../../src/databases/sqlite/sql-text.ts';

const kinds = (sql: string) => tokensOf(sql).map(({ kind, text }) => `${kind} ${text}`);

describe('SQL as text', () => {
  it.each([
    ['a\'b\'\'c\'"d""e"[f"]`g``h`', ['word a', "string 'b''c'", 'name "d""e"', 'name [f"]', 'name `g``h`']],
    ["x'0a' X'' x'0' x'zz'", ["blob x'0a'", "blob X''", "broken x'0'", "broken x'zz'"]],
    ['1 1.5 .5 1e-3 0xFf 1_000', ['number 1', 'number 1.5', 'number .5', 'number 1e-3', 'number 0xFf', 'number 1_000']],
    ['a--b;\n;c/*;*/d/*e', ['word a', 'comment --b;\n', 'mark ;', 'word c', 'comment /*;*/', 'word d', 'comment /*e']],
    ['?1 :a @b $c #d ?', ['variable ?1', 'variable :a', 'variable @b', 'variable $c', 'variable #d', 'variable ?']],
    ["Größe a$b '", ['word Größe', 'word a$b', "broken '"]],
    ['a->>b||c', ['word a', 'mark -', 'mark >', 'mark >', 'word b', 'mark |', 'mark |', 'word c']],
    ['"a', ['broken "a']],
    ['[a', ['broken [a']],
  ])('%j is cut up as SQLite does it', (sql, expected) => {
    expect(kinds(sql)).toEqual(expected);
  });

  it('has every character in one token, or between two of them', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`ab'"\`[]()-/*;,.x0e \n?`) }), (sql) => {
        let at = 0;
        for (const { from, to, text } of tokensOf(sql)) {
          expect(sql.slice(at, from).trim()).toBe('');
          expect(sql.slice(from, to)).toBe(text);
          at = to;
        }
        expect(sql.slice(at).trim()).toBe('');
      }),
    );
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

  it('finds what closes a parenthesis', () => {
    const tokens = tokensOf("f(a, (b), ')') + 1");
    expect(tokens[behindParentheses(tokens, 1)]?.text).toBe('+');
    expect(behindParentheses(tokensOf('(a'), 0)).toBe(2);
  });
});

describe('one expression', () => {
  it.each([
    '1',
    "'a;b'",
    'a > 0 AND (b OR c IN (1, 2))',
    "json_extract(a, '$.b') IS NOT NULL",
    '"a;--b" = [c)]',
    'CASE WHEN a THEN 1 ELSE 2 END',
    "'-- only in quotes'",
  ])('%s may be one', (text) => {
    expect(notOneExpression(text)).toBeNull();
  });

  it.each([
    ['', 'is empty'],
    [' ', 'is empty'],
    ['1; DROP TABLE t', 'it holds a semicolon'],
    ['1) , (2', 'closes a parenthesis that it did not open'],
    ['(1', 'opens a parenthesis that it does not close'],
    ['1, 2', 'it holds a comma'],
    ['1 -- all else', 'holds a comment'],
    ['1 /* all else', 'holds a comment'],
    ["'1", 'is cut short'],
    ['"a', 'is cut short'],
    ['?', 'holds a parameter'],
    [':a + 1', 'holds a parameter'],
    ['a\0b', 'NUL'],
    ['\ud800', 'Unicode'],
  ])('%j is none', (text, reason) => {
    expect(notOneExpression(text)).toContain(reason);
  });

  it('never lets anything out of the parentheses that it is put between', () => {
    const sql = new Sqlite(':memory:');
    sql.exec('CREATE TABLE t (a, b)');
    const parts = [
      'a',
      'b',
      '1',
      "'",
      '"',
      '(',
      ')',
      ';',
      ',',
      '--',
      '/*',
      '*/',
      ' ',
      '\n',
      '+',
      'SELECT',
      'FROM t',
      'x',
      '[',
      ']',
      '`',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        if (notOneExpression(text) !== null) return;
        let columns: number;
        try {
          columns = sql.prepare(`SELECT 1 AS first, (${text}) AS second, 3 AS third`).columns().length;
        } catch {
          // SQLite says that it is none.
          return;
        }
        expect(columns).toBe(3);
      }),
      { numRuns: 2_000 },
    );
    sql.close();
  });
});
