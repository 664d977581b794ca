/** Checks what a person asks for, and makes nothing. */
import { fold, quote } from '../../databases/names.ts';
import { openDatabase } from '../../databases/sqlite.ts';
import { badInput, cutText, messageOf, unavailable } from '../../errors.ts';
import { type Creation, type Places, Transient } from '../../jobs/kind.ts';
import { checkColumns } from './columns.ts';
import type { Details, Source } from './details.ts';
import { type GivenInput, type Input, parseInput } from './input.ts';
import { show } from './show.ts';
import { lookAt } from './source.ts';
import { whatTakes } from './taken.ts';

export const create = async (given: GivenInput, places: Places): Promise<Creation<Details>> => {
  const input = parseInput(given);
  const { database, table, columns, maxRowsPerSecond } = input;
  checkColumns(columns);
  if (input.into !== null && input.csv.header) {
    throw badInput('input.into', 'into is for sources without a header: it needs csv.header to be false');
  }
  checkTable(input, places);
  const sources: Source[] = [];
  for (const [i, url] of input.sources.entries()) {
    sources.push(await lookAt(url, `input.sources.${i}`, input, places));
  }
  const { delimiter, quote, comment, nullif } = input.csv;
  return {
    details: { database, table, columns, sources, csv: { delimiter, quote, comment, nullif }, maxRowsPerSecond },
    description: describe(database, table, sources),
    database,
    holds: [{ table: fold(table), mode: 'make' }],
  };
};

const checkTable = ({ database, table }: Input, { databaseFile }: Places) => {
  if (databaseFile === null) throw badInput('input.database', `database ${show(database)} does not exist`);
  const taken = readWhatTakes(databaseFile, database, table);
  if (taken === null) return;
  throw badInput('input.table', `database ${show(database)} has ${taken} named ${show(table)} already`);
};

const readWhatTakes = (file: string, database: string, table: string): string | null => {
  try {
    const { sql, close } = openDatabase(file, database, { readonly: true, lockWaitMs: 100 });
    try {
      return whatTakes(sql, table);
    } finally {
      close();
    }
  } catch (error) {
    if (error instanceof Transient) throw unavailable(error.message);
    throw badInput('input.database', messageOf(error));
  }
};

const describe = (database: string, table: string, sources: readonly Source[]): string => {
  const texts = sources.map(({ url }) => `'${url.replaceAll("'", "''")}'`);
  const from = texts.length === 1 ? texts[0] : `(${texts.join(', ')})`;
  return cutText(`IMPORT TABLE ${quote(database)}.${quote(table)} FROM CSV ${from}`);
};
