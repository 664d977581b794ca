/** Validates a request. Creates nothing. */

import type Sqlite from 'better-sqlite3';
import { show } from '../../databases/show.ts';
import { nameConflict } from '../../databases/sqlite/catalogue.ts';
import { fold, quote } from '../../databases/sqlite/names.ts';
import { fileOf } from '../../databases/sqlite/place.ts';
import { readDatabase } from '../../databases/sqlite/read-database.ts';
import { badInput, cutText } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import { redact } from '../../storage/url.ts';
import { checkColumns } from './columns.ts';
import type { Details, Source } from './details.ts';
import { type GivenInput, type Input, parseInput } from './input.ts';
import { secretsOf } from './secrets.ts';
import { lookAt } from './source.ts';
import { readTable, type TableColumn, TableError } from './table.ts';

export const create = async (given: GivenInput, environment: Environment): Promise<Creation<Details>> => {
  const input = parseInput(given);
  const { database, rejectLimit, maxRowsPerSecond } = input;
  const existing = input.columns.length === 0;
  if (!existing) checkColumns(input.columns);
  if (input.into !== null && input.csv.header) {
    throw badInput('input.into', 'into is for sources without a header: it needs csv.header to be false');
  }
  const { table, columns } = findTable(input, environment);
  // Only the key of a new table can be omitted because it is a key. A key column of an existing table is nullable or
  // not, like any other column.
  const filled = existing ? columns.map((column) => ({ ...column, primaryKey: false })) : columns;
  const sources: Source[] = [];
  for (const [i, url] of input.sources.entries()) {
    sources.push(await lookAt(url, `input.sources.${i}`, { ...input, columns: filled }, environment));
  }
  const { delimiter, quote, comment, nullif } = input.csv;
  return {
    details: {
      database,
      table,
      existing,
      columns,
      sources,
      format: input.format,
      csv: { delimiter, quote, comment, nullif },
      rejectLimit,
      maxRowsPerSecond,
    },
    input: { ...given, sources: input.sources.map(redact) },
    ...secretsOf(input.sources),
    description: describe(existing ? 'INTO' : 'TABLE', { ...input, table }, sources),
    database,
    holds: [{ table: fold(table), mode: existing ? 'write' : 'make' }],
  };
};

interface Found {
  readonly table: string;
  readonly columns: TableColumn[];
}

const findTable = ({ database, table, columns }: Input, environment: Environment): Found =>
  readDatabase(fileOf(environment), database, (sql) => {
    if (columns.length === 0) return existingTable(sql, table);
    const found = nameConflict(sql, table);
    if (found === null) return { table, columns };
    throw badInput('input.table', `database ${show(database)} has ${found} named ${show(table)} already`);
  });

const existingTable = (sql: Sqlite.Database, table: string): Found => {
  try {
    const found = readTable(sql, table);
    return { table: found.name, columns: [...found.columns] };
  } catch (error) {
    throw error instanceof TableError ? badInput('input.table', error.message) : error;
  }
};

const describe = (what: string, { database, table, format }: Input, sources: readonly Source[]): string => {
  const texts = sources.map(({ url }) => `'${url.replaceAll("'", "''")}'`);
  const from = texts.length === 1 ? texts[0] : `(${texts.join(', ')})`;
  return cutText(`IMPORT ${what} ${quote(database)}.${quote(table)} FROM ${format} ${from}`);
};
