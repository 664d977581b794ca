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
import { keysOf } from './keys.ts';
import { PORTS } from './ports.ts';
import { fieldNames, inferredColumns, mappingTo, sampleRows } from './sample.ts';
import { type Fillable, findSources, probeSource } from './source.ts';

export const create = async (request: ImportRequest, environment: Environment): Promise<Creation<Details>> => {
  const parsed = parseInput(request);
  const named = await findSources(parsed.sources, environment);
  const urls = named.map(({ url }) => url);
  const input = await withInferredColumns({ ...parsed, sources: urls }, named[0]?.field ?? '', environment);
  const { database, rejectLimit, maxRowsPerSecond, onConflict, deferForeignKeys, validateOnly } = input;
  const existing = input.columns.length === 0;
  if (input.into !== null && input.csv.header) {
    throw badInput('input.into', 'into is for sources without a header: it needs csv.header to be false');
  }
  const { check, columnRules: rules } = portOf(PORTS, environment);
  const { table, columns, defersForeignKeys = false } = await check(environment, input);
  const fillable = { columns: existing ? withoutKey(columns) : columns, rules };
  const sources: Source[] = [];
  for (const { url, field } of named) {
    sources.push(await probeSource(url, field, input, fillable, environment));
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
      onConflict,
      deferForeignKeys: deferForeignKeys || defersForeignKeys,
      validateOnly,
    },
    input: { ...request, sources: parsed.sources.map(redact) },
    ...secretsOf(urls),
    description: describe(existing ? 'INTO' : 'TABLE', { ...input, table }, sources),
    database,
    // A table that is only validated may be created meanwhile, but a schema change must not replace one.
    holds: validateOnly && !existing ? [] : [{ table: rules.fold(table), mode: existing ? 'write' : 'make' }],
  };
};

/** The input with columns, and with what maps fields to them, for a table whose columns are inferred. */
const withInferredColumns = async (input: Input, field: string, environment: Environment): Promise<Input> => {
  const [url] = input.sources;
  if (!input.inferColumns || url === undefined) return input;
  const { columnRules } = portOf(PORTS, environment);
  const columns = await inferredColumns(url, field, input, columnRules, environment);
  const names = await fieldNames(url, field, input, environment);
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

const describe = (
  target: 'INTO' | 'TABLE',
  { database, table, format, onConflict, validateOnly }: Input,
  sources: readonly Source[],
): string => {
  const texts = sources.map(({ url }) => `'${url.replaceAll("'", "''")}'`);
  const from = texts.length === 1 ? texts[0] : `(${texts.join(', ')})`;
  const options = `${onConflict === 'FAIL' ? '' : ` ON CONFLICT ${onConflict}`}${validateOnly ? ' WITH validate_only' : ''}`;
  return cutText(`IMPORT ${target} ${quote(database)}.${quote(table)} FROM ${format} ${from}${options}`);
};
