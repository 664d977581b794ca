/** Validates a request. Creates nothing. */
import { portOf } from '../../databases/port-of.ts';
import { quote } from '../../databases/quote.ts';
import { badInput, cutText } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import { redact } from '../../storage/url.ts';
import { bytesForms, hasBytes } from './bytes-form.ts';
import { storedCsv } from './csv-options.ts';
import { type Details, type Source, secretsOf } from './details.ts';
import { withoutKey } from './fields.ts';
import { type ImportRequest, type Input, parseInput } from './input.ts';
import { PORTS } from './ports.ts';
import { fieldNames, inferredColumns, mappingTo, sampleRows } from './sample.ts';
import { type Fillable, probeSource } from './source.ts';

export const create = async (request: ImportRequest, environment: Environment): Promise<Creation<Details>> => {
  const input = await withInferredColumns(parseInput(request), environment);
  const { database, rejectLimit, maxRowsPerSecond } = input;
  const existing = input.columns.length === 0;
  if (input.into !== null && input.csv.header) {
    throw badInput('input.into', 'into is for sources without a header: it needs csv.header to be false');
  }
  const { check, columnRules: rules } = portOf(PORTS, environment);
  const { table, columns } = await check(environment, input);
  const fillable = { columns: existing ? withoutKey(columns) : columns, rules };
  const sources: Source[] = [];
  for (const [i, url] of input.sources.entries()) {
    sources.push(await probeSource(url, `input.sources.${i}`, input, fillable, environment));
  }
  return {
    details: {
      database,
      table,
      existing,
      columns,
      sources,
      format: input.format,
      csv: storedCsv(input.format, input.csv),
      ...keysOf(input),
      ...(await bytesOf(input, fillable, environment)),
      rejectLimit,
      maxRowsPerSecond,
    },
    input: { ...request, sources: input.sources.map(redact) },
    ...secretsOf(input.sources),
    description: describe(existing ? 'INTO' : 'TABLE', { ...input, table }, sources),
    database,
    holds: [{ table: rules.fold(table), mode: existing ? 'write' : 'make' }],
  };
};

/** The input with columns, and with what maps fields to them, for a table whose columns are inferred. */
const withInferredColumns = async (input: Input, environment: Environment): Promise<Input> => {
  const [url] = input.sources;
  if (!input.inferColumns || url === undefined) return input;
  const { columnRules } = portOf(PORTS, environment);
  const columns = await inferredColumns(url, 'input.sources.0', input, columnRules, environment);
  if (columns.length === 0) throw badInput('input.sources.0', `${redact(url)} has no fields to infer columns from`);
  const names = await fieldNames(url, 'input.sources.0', input, environment);
  return { ...input, columns: columns.map((column) => ({ ...column })), fields: mappingTo(input, names, columns) };
};

/** How the bytes of columns are written, by a sample of the first source. */
const bytesOf = async (
  input: Input,
  { columns, rules }: Fillable,
  environment: Environment,
): Promise<Pick<Details, 'bytes'>> => {
  const [url = ''] = input.sources;
  if (!hasBytes(columns, rules)) return {};
  const { source, blocks } = await sampleRows(url, 'input.sources.0', input, columns, rules, environment);
  return { bytes: bytesForms(columns, source.fields, blocks, rules) };
};

/** How the keys of objects are mapped to columns. */
const keysOf = ({ format, fields, unknownKeys }: Input): Pick<Details, 'keys' | 'ignoresKeys'> => {
  if (format !== 'NDJSON') return {};
  const keys = fields?.map(({ from, column }) => [from.name ?? '', column] as const);
  return {
    ...(keys === undefined ? {} : { keys: Object.fromEntries(keys) }),
    ...(unknownKeys === 'IGNORE' ? { ignoresKeys: true } : {}),
  };
};

const describe = (target: 'INTO' | 'TABLE', { database, table, format }: Input, sources: readonly Source[]): string => {
  const texts = sources.map(({ url }) => `'${url.replaceAll("'", "''")}'`);
  const from = texts.length === 1 ? texts[0] : `(${texts.join(', ')})`;
  return cutText(`IMPORT ${target} ${quote(database)}.${quote(table)} FROM ${format} ${from}`);
};
