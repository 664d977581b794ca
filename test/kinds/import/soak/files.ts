/** The same rows as a file of any format. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { compress as zstdCompress } from 'zstd-napi';
import type { ImportRequest } from '../../../../src/kinds/import/input.ts';
import { workbook } from '../workbook.ts';
import type { Random } from './random.ts';

/** The third value is a number, unless the row is a bad one. */
export type FileRow = readonly [id: number, name: string, v: string | null];

const COLUMNS = ['id', 'name', 'v'] as const;

/** How a file is written, and the options with which it is read. */
export interface Layout {
  readonly title: string;
  readonly extension: string;
  readonly options: Pick<ImportRequest, 'format' | 'csv' | 'encoding' | 'into'>;
  write(rows: readonly FileRow[]): Uint8Array;
}

const HEADER = COLUMNS.join(',');

const quoted = (text: string | null) => (text === null ? '' : `"${text.replaceAll('"', '""')}"`);

const csvText = (rows: readonly FileRow[], end = '\n') =>
  [HEADER, ...rows.map(([id, name, v]) => `${id},${quoted(name)},${v ?? ''}`), ''].join(end);

/** Semicolons, apostrophes as quotes, backslashes, comments and texts that are NULL. */
const csvOptions = (rows: readonly FileRow[]) => {
  const text = (value: string) => `'${value.replaceAll(/['\\]/g, '\\$&')}'`;
  const lines = rows.map(([id, name, v]) => `${id}; ${text(name)} ;${v ?? '?'}`);
  return ['a title', COLUMNS.join(';'), '# a comment', ...lines, ''].join('\r\n');
};

const dumped = (rows: readonly FileRow[]) =>
  rows
    .map(([id, name, v]) => `${id}\t${name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\t${v ?? '\\N'}\n`)
    .join('');

const objects = (rows: readonly FileRow[]) => rows.map(([id, name, v]) => ({ id, name, v }));

const parquet = (rows: readonly FileRow[]) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'id', data: rows.map(([id]) => id), type: 'INT32' },
        { name: 'name', data: rows.map(([, name]) => name), type: 'STRING' },
        { name: 'v', data: rows.map(([, , v]) => v), type: 'STRING' },
      ],
      rowGroupSize: 700,
    }),
  );

const excel = (rows: readonly FileRow[]) => {
  const lines: [number, readonly (string | number | null)[]][] = rows.map((row, i) => [i + 2, row]);
  return workbook({ sheets: [['Sheet1', Object.fromEntries([[1, COLUMNS], ...lines])]] });
};

const bytes = (text: string) => Buffer.from(text);
const csv = (title: string, write: Layout['write'], extension = 'csv', options: Layout['options'] = {}): Layout => ({
  title,
  extension,
  options,
  write,
});

const LAYOUTS: readonly Layout[] = [
  csv('CSV', (rows) => bytes(csvText(rows))),
  csv('CSV with CRLF', (rows) => bytes(csvText(rows, '\r\n'))),
  csv('CSV in gzip', (rows) => gzipSync(csvText(rows)), 'csv.gz'),
  csv('CSV in zstd', (rows) => zstdCompress(bytes(csvText(rows))), 'csv.zst'),
  csv('CSV in Brotli', (rows) => brotliCompressSync(csvText(rows)), 'csv.br'),
  csv('CSV in UTF-16', (rows) => Buffer.from(`\ufeff${csvText(rows)}`, 'utf16le')),
  csv('CSV in windows-1252', (rows) => Buffer.from(csvText(rows), 'latin1'), 'csv', { encoding: 'windows-1252' }),
  csv('CSV with options', (rows) => bytes(csvOptions(rows)), 'csv', {
    csv: { delimiter: ';', quote: "'", escape: '\\', comment: '#', nulls: ['?'], trim: true, skip: 1 },
  }),
  csv(
    'NDJSON',
    (rows) =>
      bytes(
        objects(rows)
          .map((row) => `${JSON.stringify(row)}\n`)
          .join(''),
      ),
    'ndjson',
    {
      format: 'NDJSON',
    },
  ),
  csv('JSON', (rows) => bytes(JSON.stringify(objects(rows), null, 1)), 'json', { format: 'JSON' }),
  csv('JSON in an object', (rows) => gzipSync(JSON.stringify({ rows: objects(rows), count: 1 })), 'json.gz', {
    format: 'JSON',
  }),
  csv('Parquet', parquet, 'parquet', { format: 'PARQUET' }),
  csv('Excel', excel, 'xlsx', { format: 'XLSX' }),
  csv('PGCOPY', (rows) => bytes(dumped(rows)), 'txt', { format: 'PGCOPY', into: [...COLUMNS] }),
  csv('MySQL OUTFILE', (rows) => bytes(dumped(rows)), 'txt', { format: 'MYSQL_OUTFILE', into: [...COLUMNS] }),
];

/** Each layout in turn, so that a few jobs already have all of them. */
export const layoutOf = (index: number): Layout => LAYOUTS[index % LAYOUTS.length] as Layout;

/** Rows of a file: some of them twice, some of them bad, some with numbers that the table has. */
export const rowsFor = (random: Random, count: number, ids: number, refers: boolean): readonly FileRow[] =>
  Array.from({ length: count }, (_, i): FileRow => {
    const id = random.once(40) ? 1 + random.below(ids) : 1 + ((i * 7) % ids);
    const name = random.once(9) ? `é "${id}"\n\\` : `name ${id}`;
    if (random.once(200)) return [id, name, 'bad'];
    if (random.once(7)) return [id, name, null];
    return [id, name, String(refers ? 1 + random.below(ids + 3) : i)];
  });
