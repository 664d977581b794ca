/** Detects how the text of a source is written: its format, and the dialect of its CSV. */

import { csvRules } from './csv.ts';
import { openWindow, takeBlock } from './csv-block.ts';
import { inferType } from './infer.ts';
import { MAX_ROW_BYTES } from './windows.ts';

export interface Dialect {
  readonly delimiter: string;
  readonly quote: string | null;
  readonly comment: string | null;
  readonly skip: number;
  readonly header: boolean;
}

export interface SampledRow {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly (string | null)[];
}
type Rows = readonly SampledRow[];

const DELIMITERS = [',', '\t', ';', '|'];
const QUOTES = ['"', "'", null];
/** Enough to tell dialects apart. */
const MAX_ROWS = 5_000;
/** More are no title of a table. */
const MAX_TITLE_ROWS = 20;

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
export const detectDialect = (text: string, known: Partial<Dialect>, isWhole: boolean): Dialect => {
  const body = afterLines(text, known.skip ?? 0);
  const comments = known.comment === undefined ? leadingComments(body) : [];
  const comment = known.comment ?? (comments.length > 0 ? COMMENT : null);
  const delimiters = known.delimiter === undefined ? DELIMITERS : [known.delimiter];
  const quotes = known.quote === undefined ? QUOTES : [known.quote];
  const candidates = quotes.flatMap((quote) =>
    delimiters.map((delimiter) => {
      const rows = rowsOf(body, { delimiter, quote, comment }, isWhole);
      const isDoubtful = known.quote === undefined && hasOtherQuotes(rows, quote);
      return { delimiter, quote, rows, score: isDoubtful ? 0 : scoreOf(rows, quote) };
    }),
  );
  const [best] = candidates.sort((a, b) => b.score - a.score);
  const { delimiter = ',', quote = '"', rows = [] } = best ?? {};
  const named = known.skip === undefined ? namesInComments(body, comments, delimiter, rows) : null;
  if (named !== null) return { delimiter, quote, comment: null, skip: named, header: known.header ?? true };
  const skip = known.skip ?? titleLines(rows);
  const header = known.header ?? hasHeader(known.skip === undefined ? after(rows, skip) : rows, comment === null);
  return { delimiter, quote, comment, skip, header };
};

/** Fields look as if they were quoted in a more usual way. */
const hasOtherQuotes = (rows: Rows, quote: string | null): boolean => {
  if (quote === '"') return false;
  const quoted = quote === null ? /^(["']).*\1$/s : /^".*"$/s;
  return rows.some(({ fields }) => fields.some((field) => field !== null && field.length > 1 && quoted.test(field)));
};

const after = (rows: Rows, lines: number) => rows.filter(({ line }) => line > lines);

const COMMENT = '#';

/** The lines at the beginning that are comments. One alone may be a header whose first name begins like that. */
const leadingComments = (body: string): readonly string[] => {
  const lines = body.split(/\r*\n|\r/, 1_000);
  const end = lines.findIndex((line) => !line.startsWith(COMMENT));
  return end < 2 ? [] : lines.slice(0, end);
};

/** The lines before the last comment at the beginning, if that names the fields and no other comment follows. */
const namesInComments = (body: string, comments: readonly string[], delimiter: string, rows: Rows): number | null => {
  const fields = comments.at(-1)?.split(delimiter).length ?? 0;
  const isLater = body.split(/\r*\n|\r/).some((line, i) => i >= comments.length && line.startsWith(COMMENT));
  if (fields < 2 || isLater || rows.length === 0 || fields !== Math.max(...rows.map((row) => row.fields.length))) {
    return null;
  }
  return comments.length - 1;
};

/**
 * The lines before a table that are its title: the first of them has one text, and they end where a row has all the
 * fields that most rows have. 0 if there are none.
 */
export const titleLines = (rows: Rows): number => {
  const [first] = rows;
  const [width, count] = usualWidth(rows);
  if (first === undefined || width < 2 || !first.fields[0] || first.fields.some((field, i) => i > 0 && field)) return 0;
  const at = rows.findIndex(({ fields }) => fields.length === width && fields.every((field) => field));
  if (at < 1 || at > MAX_TITLE_ROWS || count < (rows.length - at) / 2) return 0;
  return (rows[at]?.line ?? 1) - 1;
};

/** A fault is a row without fields. */
const rowsOf = (
  text: string,
  { delimiter, quote, comment }: Pick<Dialect, 'delimiter' | 'quote' | 'comment'>,
  isWhole: boolean,
): Rows => {
  const format = { delimiter, quote, comment, nullif: null, maxRowBytes: MAX_ROW_BYTES };
  const window = openWindow(Buffer.from(text), 0, isWhole);
  const { rows, lines } = takeBlock(window, { at: 0, byte: 0, line: 1 }, csvRules(format).decoded);
  return rows
    .slice(0, isWhole ? MAX_ROWS : Math.max(1, Math.min(MAX_ROWS, rows.length - 1)))
    .map((fields, i) => ({ fields, line: lines[i] ?? 0 }));
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

/** One field a row is as good as nothing. The usual quote wins a tie, and none wins against the other. */
const scoreOf = (rows: Rows, quote: string | null): number => {
  const [fields, count] = usualWidth(rows);
  const usual = quote === '"' ? 0.001 : quote === null ? 0.0005 : 0;
  return usual + (fields < 2 ? 0 : (count / rows.length) * 10 + Math.min(fields, 50) / 100);
};

/** The number of fields that most rows have, and of those rows. */
const usualWidth = (rows: Rows): readonly [width: number, rows: number] => {
  const counts = new Map<number, number>();
  for (const { fields } of rows) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
};

/**
 * Names are no values: no numbers, dates or booleans. A column of such values below a name proves a header. Where all
 * columns are text, a first row of different texts that never comes again is taken for one, unless a proof is required.
 */
export const hasHeader = (rows: Rows, isLikely = true): boolean => {
  const [first, ...rest] = rows.map(({ fields }) => fields);
  const names = (first ?? []).flatMap((name) => (name === null || name === '' ? [] : [name]));
  if (first === undefined || names.length === 0) return false;
  if (names.some((name) => inferType([name]) !== 'TEXT')) return false;
  const values = first.map((_, i) => rest.flatMap((row) => row[i] ?? []));
  if (values.some((column) => inferType(column) !== 'TEXT')) return true;
  return isLikely && new Set(names).size === names.length && !rest.some((row) => row.join('\0') === first.join('\0'));
};
