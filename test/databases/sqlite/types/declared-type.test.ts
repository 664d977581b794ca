import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import {
  nearestType,
  readType,
  sqliteTypeOf,
  TYPE_NAMES,
} from '../../../../src/databases/sqlite/types/declared-type.ts';

describe('a known type', () => {
  test.each([
    ['varchar(20)', { family: 'text', length: 20 }],
    ['  Character   Varying ( 20 ) ', { family: 'text', length: 20 }],
    ['DOUBLE PRECISION', { family: 'real' }],
    ['timestamp(6) without time zone', { family: 'timestamp' }],
    ['DECIMAL(10,2)', { family: 'decimal', precision: 10, scale: 2 }],
    ['NUMERIC(10)', { family: 'decimal', precision: 10, scale: 0 }],
    ['int(11) unsigned', { family: 'integer', min: 0n, max: 2n ** 63n - 1n }],
    ['TEXT[]', { family: 'text' }],
    ['ANY', { family: 'any' }],
  ])('%s', (declared, type) => {
    expect(readType(declared)).toEqual(type);
  });
});

test.each(['', 'STRNG', 'TEXT UNIQUE', 'DATE(3)', 'VARCHAR(1,2)', 'TEXT)', 'INT(', '__proto__', 'constructor'])(
  '%j is not known',
  (declared) => {
    expect(readType(declared)).toBeNull();
  },
);

test.each([
  ['STRNG', 'STRING'],
  ['INTERGER', 'INTEGER'],
  ['varcahr(20)', 'VARCHAR'],
  ['timestampz', 'TIMESTAMP'],
])('the known type nearest to %s is %s', (declared, nearest) => {
  expect(nearestType(declared)).toBe(nearest);
});

test.each([
  ['STRING', 'TEXT'],
  ['STRING(10)', 'TEXT'],
  ['INTERVAL', 'TEXT'],
  ['INT[]', 'TEXT'],
  ['BYTEA', 'BLOB'],
  ['SERIAL', 'SERIAL'],
  ['VARCHAR(20)', 'VARCHAR(20)'],
  ['DECIMAL(10,2)', 'DECIMAL(10,2)'],
  ['TIMESTAMPTZ', 'TIMESTAMPTZ'],
  ['timestamp(3) with time zone', 'TIMESTAMP'],
  ['int(11) unsigned', 'INTEGER'],
  ['SET', 'TEXT'],
])('%s is declared in SQLite as %s', (declared, expected) => {
  expect(sqliteTypeOf(declared, false)).toBe(expected);
});

test('every known type makes a column', () => {
  const sql = new Database(':memory:');
  for (const name of TYPE_NAMES) {
    const type = sqliteTypeOf(name, false);
    sql.exec(`CREATE TABLE one (c ${type})`);
    // SQLite returns its own types in upper case.
    const [column] = sql.pragma('table_xinfo(one)') as Record<string, string>[];
    const plain = (text = '') => text.replaceAll(' ', '').toLowerCase();
    expect([plain(column?.type), column?.notnull, column?.pk], name).toEqual([plain(type), 0, 0]);
    sql.exec('DROP TABLE one');
  }
  sql.close();
});

test('docs/types.md lists every known type', () => {
  const page = readFileSync('docs/types.md', 'utf8').replace(/\([a-z,]+\)/g, '');
  const listed = new Set(page.split(/[|,;\n]|(?<=\|) /).map((text) => text.trim().toLowerCase()));
  expect(TYPE_NAMES.filter((name) => !listed.has(name))).toEqual([]);
});
