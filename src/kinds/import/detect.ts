/** Detects how the text of a source is written: its format, and the dialect of its CSV. */

import { csvRules } from './csv.ts';
import { openWindow, takeBlock } from './csv-block.ts';
import { inferType } from './infer.ts';
import { MAX_ROW_BYTES } from './windows.ts';

export interface Dialect {
  readonly delimiter: string;
  readonly quote: string | null;
  readonly header: boolean;
}

type Rows = readonly (readonly (string | null)[])[];

const DELIMITERS = [',', '\t', ';', '|'];
const QUOTES = ['"', "'"];
/** Enough to tell dialects apart. */
const MAX_ROWS = 200;

/** By the name of the source, otherwise by its first line. */
export const detectFormat = (url: string, text: string): 'CSV' | 'NDJSON' | 'JSON' => {
  const name = url.replace(/[?#].*$/s, '').replace(/\.(gz|br|zst|bz2)$/i, '');
  if (/\.(ndjson|jsonl)$/i.test(name)) return 'NDJSON';
  if (/\.json$/i.test(name)) return 'JSON';
  if (/\.(csv|tsv|tab|txt)$/i.test(name)) return 'CSV';
  const start = text.replace(/^\ufeff/, '').trimStart();
  if (start.startsWith('\x1e') || /^(?:\[\s*(?:\{|\]|$)|\{\s*[\r\n]\s*["}])/.test(start)) return 'JSON';
  const [line = ''] = start.split(/[\r\n]/, 1);
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? 'NDJSON' : 'CSV';
  } catch {
    return 'CSV';
  }
};

/**
 * The dialect in which most rows have the same number of fields, and that as many as possible.
 * @param known what the person has decided already
 * @param isWhole the text is all of the source: otherwise its last row is cut
 */
export const detectDialect = (
  text: string,
  known: Partial<Dialect> & { readonly skip?: number },
  isWhole: boolean,
): Dialect => {
  const body = afterLines(text, known.skip ?? 0);
  const delimiters = known.delimiter === undefined ? DELIMITERS : [known.delimiter];
  const quotes = known.quote === undefined ? QUOTES : [known.quote];
  const candidates = quotes.flatMap((quote) =>
    delimiters.map((delimiter) => {
      const rows = rowsOf(body, { delimiter, quote }, isWhole);
      return { delimiter, quote, rows, score: scoreOf(rows, quote === '"') };
    }),
  );
  const [best] = candidates.sort((a, b) => b.score - a.score);
  const { delimiter = ',', quote = '"', rows = [] } = best ?? {};
  return { delimiter, quote, header: known.header ?? hasHeader(rows) };
};

/** Null fields and rows that are faulty keep their places: a fault is a row without fields. */
const rowsOf = (text: string, { delimiter, quote }: Omit<Dialect, 'header'>, isWhole: boolean): Rows => {
  const format = { delimiter, quote, comment: null, nullif: null, maxRowBytes: MAX_ROW_BYTES };
  const window = openWindow(Buffer.from(text), 0, isWhole);
  const { rows } = takeBlock(window, { at: 0, byte: 0, line: 1 }, csvRules(format).decoded);
  return rows.slice(0, isWhole ? MAX_ROWS : Math.max(1, Math.min(MAX_ROWS, rows.length - 1)));
};

const afterLines = (text: string, lines: number): string => {
  let at = 0;
  for (let left = lines; left > 0; left -= 1) {
    const end = /\r*\n|\r/.exec(text.slice(at));
    if (end === null) return '';
    at += end.index + end[0].length;
  }
  return text.slice(at).replace(/^\ufeff/, '');
};

/** One field a row is as good as nothing. The usual quote wins a tie. */
const scoreOf = (rows: Rows, isUsualQuote: boolean): number => {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [[fields, count] = [0, 0]] = [...counts].sort((a, b) => b[1] - a[1]);
  if (fields < 2) return isUsualQuote ? 0.001 : 0;
  return (count / rows.length) * 10 + Math.min(fields, 50) / 100 + (isUsualQuote ? 0.001 : 0);
};

/**
 * Names are no values: no numbers, dates or booleans. A column of such values below a name proves a header. Where all
 * columns are text, a first row of different texts that never comes again is taken for one.
 */
export const hasHeader = (rows: Rows): boolean => {
  const [first, ...rest] = rows;
  const names = (first ?? []).flatMap((name) => (name === null || name === '' ? [] : [name]));
  if (first === undefined || names.length === 0) return false;
  if (names.some((name) => inferType([name]) !== 'TEXT')) return false;
  const values = first.map((_, i) => rest.flatMap((row) => row[i] ?? []));
  if (values.some((column) => inferType(column) !== 'TEXT')) return true;
  return new Set(names).size === names.length && !rest.some((row) => row.join('\0') === first.join('\0'));
};
