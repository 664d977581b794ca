/** What an import would do with a source: how it is read, the columns, the first rows as stored, and the bad ones. */

import { portOf } from '../../databases/port-of.ts';
import { badInput } from '../../errors.ts';
import { parseInput } from '../../jobs/declare.ts';
import type { DatabasePlace, Environment } from '../../jobs/kind.ts';
import { redact } from '../../storage/url.ts';
import { bytesForms } from './bytes-form.ts';
import { CSV, DUMPED } from './csv-options.ts';
import { hasKeys, type TableColumn } from './details.ts';

import { hasHeader, type SampledRow, titleLines } from './detect.ts';
import { withoutKey } from './fields.ts';

import type { ImportPort } from './port.ts';
import { PORTS } from './ports.ts';
import { PREVIEW_INPUT, type Preview, type PreviewInput } from './preview-input.ts';
import {
  binaryFormat,
  detectDialect,
  detectFormat,
  fieldNames,
  inferredColumns,
  mappingTo,
  type Reading,
  sampleRows,
  sampleText,
  xlsxSample,
} from './sample.ts';
import { findSources } from './source.ts';

/** @throws BAD_USER_INPUT naming the field; UNAVAILABLE when the source or the database cannot be read now */
export const preview = async (given: unknown, environment: Environment): Promise<Preview> => {
  const input = parseInput(PREVIEW_INPUT, given);
  const sources = await findSources(input.sources.slice(0, 1), environment);
  const [{ url, field } = { url: '', field: '' }] = sources;
  const how = { decompress: input.decompress ?? 'AUTO', encoding: input.encoding ?? 'AUTO' };
  const found = input.format ?? (await binaryFormat(url, field, environment));
  const isBinary = found === 'PARQUET' || found === 'XLSX';
  const sample = isBinary ? BINARY : await sampleText(url, field, how, environment);
  const { compression, encoding, text, isWhole } = sample;
  const format = found ?? detectFormat(url, text);
  const skip = input.csv?.skip ?? 0;
  const workbook = format === 'XLSX' ? await xlsxSample(url, field, input.sheet, skip, environment) : null;
  const csv = csvOf(format, input.csv ?? {}, text, isWhole, workbook?.texts ?? []);
  const reading: Reading = {
    ...{ format, csv, decompress: compression, encoding, into: null, fields: input.fields, sources: input.sources },
    ...{ unknownKeys: 'FAIL', sheet: input.sheet },
  };
  const port = portOf(PORTS, { database: environment.database ?? ANY_DATABASE });
  const names = await fieldNames(url, field, reading, environment);
  const target = await columnsOf(input, reading, port, environment, url, field);
  const rules = port.columnRules;
  const fillable = target.exists ? withoutKey(target.columns) : target.columns;
  const isInferred = !target.exists && input.columns === null;
  const fields = isInferred ? mappingTo(reading, names, target.columns) : input.fields;
  const { source, blocks } = await sampleRows(url, field, { ...reading, fields }, fillable, rules, environment);
  const stored = await port.preview({
    ...{ ...target, source, blocks, limit: input.rows },
    bytes: bytesForms(target.columns, source.fields, blocks, rules),
  });
  const isCsv = !hasKeys(format) && format !== 'XLSX';
  const hasLines = isCsv || format === 'XLSX';
  return {
    ...{ format, compression, encoding, fieldNames: names, sheets: workbook?.sheets ?? null, ...stored },
    delimiter: isCsv ? csv.delimiter : null,
    quote: isCsv ? csv.quote : null,
    escape: isCsv ? csv.escape : null,
    comment: isCsv ? csv.comment : null,
    header: hasLines ? csv.header : null,
    skip: hasLines ? csv.skip : null,
    columns: target.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    problems: stored.problems.map((problem) => ({ ...problem, source: redact(url) })),
  };
};

const BINARY = { compression: 'NONE', encoding: 'UTF-8', text: '', isWhole: true } as const;

/** Without a database, the values are shown as the embedded engine stores them. */
const ANY_DATABASE: DatabasePlace = { engine: 'sqlite', file: '' };

const csvOf = (
  format: Reading['format'],
  given: NonNullable<PreviewInput['csv']>,
  text: string,
  isWhole: boolean,
  rows: readonly SampledRow[],
) => {
  const decided = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  );
  const known = given.quote === null ? { ...decided, quote: null } : decided;
  if (hasKeys(format)) return CSV.parse({});
  if (format === 'XLSX') {
    const skip = given.skip ?? titleLines(rows);
    return CSV.parse({ header: hasHeader(rows.filter(({ line }) => line > skip)), skip, ...known });
  }
  if (format !== 'CSV') return CSV.parse({ ...DUMPED, ...known });
  return CSV.parse({ ...detectDialect(text, known, isWhole), ...known });
};

interface TargetColumns {
  readonly columns: readonly TableColumn[];
  readonly exists: boolean;
}

const columnsOf = async (
  { database, table, columns, fields }: PreviewInput,
  reading: Reading,
  port: ImportPort,
  environment: Environment,
  url: string,
  field: string,
): Promise<TargetColumns> => {
  if (columns !== null) {
    await port.checkColumns(columns);
    return { columns, exists: false };
  }
  if (fields !== null && table === null) throw badInput('input.fields', 'fields needs columns, or database and table');
  if (table !== null && database === null)
    throw badInput('input.database', 'database is missing: it names where table is');
  if (table !== null && database !== null) {
    const found = await port.check(environment, {
      database,
      table,
      columns: [],
      onConflict: 'FAIL',
      deferForeignKeys: false,
      validateOnly: false,
    });
    return { columns: found.columns, exists: true };
  }
  const inferred = await inferredColumns(url, field, reading, port.columnRules, environment);
  return { columns: inferred, exists: false };
};
