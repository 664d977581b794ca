/** The details of an import, stored as JSON, and the secrets of its source URLs, stored separately. */
import { z } from 'zod';
import type { ColumnShape } from '../../databases/database.ts';
import type { Secrets, Work } from '../../jobs/kind.ts';
import type { Compression } from '../../storage/compression/compression.ts';
import { redact } from '../../storage/url.ts';
import { STORED_CSV } from './csv-options.ts';
import { STORED_MAPPING } from './field-mapping.ts';
import type { Offset } from './windows.ts';

const COLUMN = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  primaryKey: z.boolean(),
  default: z.string().nullable(),
  /** A generated column: it cannot be filled. */
  generated: z.literal(true).exactOptional(),
}) satisfies z.ZodType<ColumnShape>;
export type TableColumn = z.output<typeof COLUMN>;

/** A source as it was when the job was created. It must be unchanged when it is read. */
const SOURCE = z.object({
  /** Secrets redacted. */
  url: z.string(),
  /** The stored size in bytes; null if unknown. */
  size: z.number().nullable(),
  version: z.string(),
  compression: z.enum(['NONE', 'GZIP', 'BROTLI', 'ZSTD', 'BZIP2']) satisfies z.ZodType<Compression>,
  /** How its text is encoded. If absent, in UTF-8. */
  encoding: z.string().exactOptional(),
  /** The start of its rows, decompressed and in UTF-8, after skipped lines and the header. */
  begin: z.object({ byte: z.number(), line: z.number() }) satisfies z.ZodType<Offset>,
  /** Its lines before `begin`: those that are skipped, blank if they are long, and the header. If absent, none. */
  head: z.string().exactOptional(),
  /** The header is too long to be kept, so `head` is without it. */
  isHeadCut: z.literal(true).exactOptional(),
  /** The rows are elements of JSON arrays, and `begin` is inside of one. */
  isArray: z.literal(true).exactOptional(),
  /** An object is around the array; what follows the array is not read. */
  isWrapped: z.literal(true).exactOptional(),
  /** XLSX: the name of the sheet. */
  sheet: z.string().exactOptional(),
  /** For each field of a row, the index of the column that it fills. JSON objects name their columns themselves. */
  fields: z.array(z.number()).readonly(),
  /** How the fields of a row are mapped to these. If absent, one by one. */
  mapping: STORED_MAPPING.exactOptional(),
});
export type Source = z.output<typeof SOURCE>;

const BYTES_FORMS = z.record(z.string(), z.enum(['HEX', 'BASE64', 'TEXT']));
/** How bytes are written, by the index of the column. */
export type BytesForms = z.output<typeof BYTES_FORMS>;

export const DETAILS = z.object({
  database: z.string(),
  table: z.string(),
  /** The table existed when the job was created. */
  existing: z.boolean().default(false),
  columns: z.array(COLUMN).readonly(),
  sources: z.array(SOURCE).readonly(),
  format: z.enum(['CSV', 'NDJSON', 'JSON', 'PARQUET', 'XLSX', 'PGCOPY', 'MYSQL_OUTFILE']),
  csv: STORED_CSV,
  /** The keys that name columns, if those are not called like their keys. */
  keys: z.record(z.string(), z.string()).exactOptional(),
  /** How the bytes of columns are written. */
  bytes: BYTES_FORMS.exactOptional(),
  /** Keys that name no column are ignored. */
  ignoresKeys: z.boolean().exactOptional(),
  /** The number of bad rows to reject before another one fails the job. */
  rejectLimit: z.number(),
  maxRowsPerSecond: z.number().nullable().default(null),
  onConflict: z.enum(['FAIL', 'SKIP', 'REPLACE', 'UPDATE']).default('FAIL'),
  /** Foreign keys are checked when all rows are in. */
  deferForeignKeys: z.boolean().default(false),
  /** The rows are checked and counted, and the table is not changed. */
  validateOnly: z.boolean().default(false),
});
export type ConflictPolicy = z.output<typeof DETAILS>['onConflict'];
export type Details = z.output<typeof DETAILS>;

/** Whether the rows of a format are objects, whose keys name columns. */
export const hasKeys = (format: Details['format']): boolean =>
  format === 'NDJSON' || format === 'JSON' || format === 'PARQUET';

/** The URLs that contain secrets. The details contain them redacted. */
export const secretsOf = (urls: readonly string[]): { readonly secrets?: Secrets } => {
  const secret = urls.flatMap((url, i) => (redact(url) === url ? [] : [[secretName(i), url] as const]));
  return secret.length === 0 ? {} : { secrets: Object.fromEntries(secret) };
};

/** The URL of a source with its secrets. */
export const urlOf = ({ details, secrets }: Work<Details, unknown>, source: Source): string =>
  secrets?.[secretName(details.sources.indexOf(source))] ?? source.url;

const secretName = (index: number) => `source ${index}`;
