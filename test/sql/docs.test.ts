import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FEED_COLUMNS } from '../../src/sql/columns.ts';
import { onlyStatement, parseStatement } from '../../src/sql/parse.ts';
import { parseSelect } from '../../src/sql/postgres.ts';

const PAGE = readFileSync('docs/sql.md', 'utf8');

/** The statements in the first columns of its tables. */
const statements = [...PAGE.matchAll(/^\| (`.*?) \|/gm)]
  .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, statement = '']) => statement))
  .filter((statement) => / /.test(statement) || statement === 'BEGIN');

test.each(statements)('%s, as docs/sql.md has it, can be read', async (sql) => {
  const source = onlyStatement(sql);
  const statement = parseStatement(source);
  expect(statement.is).not.toBe('empty');
  if (statement.is === 'select') await parseSelect(source.text, source.tokens, statement.select);
});

test('docs/sql.md has a statement of each kind, and names every column and option', () => {
  const kinds = new Set(statements.map((sql) => parseStatement(onlyStatement(sql)).is));
  const known = [
    'control',
    'showJobs',
    'select',
    'explain',
    'create',
    'showBackups',
    'showBackup',
    'createSchedule',
    'showSchedules',
    'showCreateSchedule',
    'schedules',
    'use',
    'set',
    'show',
    'declare',
    'fetch',
    'close',
    'discard',
  ];
  expect(known.filter((kind) => !(kinds as Set<string>).has(kind))).toEqual([]);
  expect(FEED_COLUMNS.filter(({ name }) => !PAGE.includes(name)).map(({ name }) => name)).toEqual([]);
  const options = ['backup', 'import', 'changefeed', 'schedule'].flatMap((name) =>
    [...readFileSync(`src/sql/parse-${name}.ts`, 'utf8').matchAll(/^ {2}(\w+): \(option/gm)].map(
      ([, option = '']) => option,
    ),
  );
  expect(options.length).toBeGreaterThan(30);
  expect(options.filter((option) => !PAGE.includes(option))).toEqual([]);
});
