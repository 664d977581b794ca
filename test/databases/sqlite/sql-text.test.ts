import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headOf, isLiteral, namesIn, notOneExpression, readIndexText } from '../../../src/databases/sqlite/sql-text.ts';

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
    ["'1", 'invalid token'],
    ['"a', 'invalid token'],
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

describe('a literal', () => {
  it.each(['1', '-1.5', '+.5e3', '0x1F', "'it''s'", "x'0a'", 'NULL', 'true', 'current_timestamp'])(
    '%s is one',
    (text) => {
      expect(isLiteral(text)).toBe(true);
    },
  );

  it.each([
    '',
    ' 1',
    '1 ',
    '1+1',
    '(1)',
    '- 1',
    '--1',
    'a',
    '"a"',
    "x'0'",
    "'a",
    '1_000',
    '0x12345678901234567',
    "'a'--",
  ])('%j is none', (text) => {
    expect(isLiteral(text)).toBe(false);
  });
});

describe('the text of an index', () => {
  it.each([
    [
      'CREATE INDEX i ON t (a, "b,)" DESC, lower(c || \',\') COLLATE nocase ASC)',
      ['a', '"b,)"', "lower(c || ',') COLLATE nocase"],
      null,
    ],
    ['CREATE UNIQUE INDEX "i(" ON "t)" (a /* (, */, -- )\n b) WHERE a <> \'WHERE\' -- end', ['a', 'b'], "a <> 'WHERE'"],
    ['CREATE INDEX i ON t(a)WHERE(b)', ['a'], '(b)'],
  ])('%s', (sql, parts, where) => {
    expect(readIndexText(sql)).toEqual({ parts, where });
  });

  it('has its names without those in strings', () => {
    expect([...namesIn(`lower("A b") || 'c' || [D]`)]).toEqual(['lower', 'a b', 'd']);
  });
});

describe('the head of a statement', () => {
  it.each([
    ['CREATE TABLE t(a)', 'table', 't'],
    ['CREATE TABLE "a ""b" /* ( */ (a)', 'table', 'a "b'],
    ["CREATE UNIQUE INDEX 'it''s' ON t (a)", 'index', "it's"],
    ['CREATE TRIGGER [x y] AFTER INSERT ON t BEGIN SELECT 1; END', 'trigger', 'x y'],
    ['CREATE VIEW `v` AS SELECT 1', 'view', 'v'],
  ])('%s', (sql, type, name) => {
    const head = headOf(sql);
    expect(head).toMatchObject({ type, name });
    expect(sql.slice(head?.from, head?.to)).toContain(name.slice(0, 1));
  });

  it.each([
    'CREATE TABLE t AS SELECT 1',
    'create table t (a)',
    'CREATE TABLE  t (a)',
    'CREATE TABLE main.t (a)',
    'CREATE TABLE 1 (a)',
  ])('%s has none', (sql) => {
    expect(headOf(sql)).toBeNull();
  });
});
