/**
 * Excel workbooks (Office Open XML): the rows of one sheet, which is read as a stream. A run continues after the number
 * of a row. A row without values is skipped. Merged cells have their value in the first cell; the others are empty.
 */
import { badInput } from '../../../errors.ts';
import type { Stored } from '../../../storage/storage.ts';
import { StorageError } from '../../../storage/url.ts';
import type { CsvFault } from '../csv-block.ts';
import type { StoredCsv } from '../csv-options.ts';
import { csvLine } from '../csv-write.ts';
import type { Source, TableColumn } from '../details.ts';
import type { ColumnRules } from '../port.ts';
import type { Cell, ReadBlock } from '../rows.ts';
import type { Offset } from '../windows.ts';
import { type CellRules, type CellTarget, cellText, placeOf, readCell } from './cells.ts';
import { type RawRow, sheetRows } from './sheet.ts';
import { sharedStrings } from './strings.ts';
import { failureIn, openWorkbook, type Sheet, type Workbook } from './workbook.ts';
import { XmlError } from './xml.ts';

/** Opens a workbook for as long as rows of it are read. */
async function* withWorkbook<T>(
  stored: Stored,
  signal: AbortSignal,
  read: (workbook: Workbook) => AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  const workbook = await openWorkbook(stored, signal);
  try {
    yield* read(workbook);
  } catch (error) {
    throw failureIn(stored.url, error);
  } finally {
    workbook.zip.close();
  }
}

export const sheetNames = async (stored: Stored, signal: AbortSignal): Promise<readonly string[]> => {
  const { sheets, zip } = await openWorkbook(stored, signal);
  zip.close();
  return sheets.map(({ name }) => name);
};

/** The sheet of a name, whose case does not matter; the first one for null. @throws badInput */
const sheetNamed = ({ sheets, zip }: Workbook, name: string | null): Sheet => {
  const found =
    sheets.find((sheet) => name === null || sheet.name === name) ??
    sheets.find((sheet) => sheet.name.toLowerCase() === name?.toLowerCase());
  if (found !== undefined) return found;
  const names = sheets.map((sheet) => JSON.stringify(sheet.name)).join(', ');
  throw badInput('input.sheet', `${zip.url} has no sheet ${JSON.stringify(name)}: it has ${names}`);
};

export interface XlsxStart {
  /** The name of the sheet. */
  readonly sheet: string;
  /** The names of the fields; null without a header. */
  readonly names: readonly string[] | null;
  /** The number of fields of the longest of the first rows. */
  readonly width: number;
  readonly begin: Offset;
}

/** The rows without a header that are examined for their number of fields. */
const MAX_EXAMINED = 100;

/** Reads the header, which is the first row with values. @throws StorageError, badInput */
export const xlsxStart = async (
  stored: Stored,
  { sheet, csv }: { readonly sheet: string | null; readonly csv: { readonly skip: number; readonly header: boolean } },
  signal: AbortSignal,
): Promise<XlsxStart> => {
  const rows: TextRow[] = [];
  let found = '';
  const read = (workbook: Workbook) => {
    const named = sheetNamed(workbook, sheet);
    found = named.name;
    return textRows(workbook, named, csv.skip);
  };
  for await (const row of withWorkbook(stored, signal, read)) {
    rows.push(row);
    if (csv.header || rows.length === MAX_EXAMINED) break;
  }
  const [first] = rows;
  const where = `sheet ${JSON.stringify(found)} of ${stored.url}`;
  if (csv.header && first === undefined) throw new StorageError(`${where} has no header`);
  const width = Math.max(0, ...rows.map(({ texts }) => texts.length));
  if (!csv.header || first === undefined) {
    return { sheet: found, names: null, width, begin: { byte: csv.skip, line: csv.skip + 1 } };
  }
  const { number, texts, error } = first;
  if (error !== null) throw new StorageError(`${where}: the header holds ${error}`);
  return { sheet: found, names: texts, width, begin: { byte: number, line: number + 1 } };
};

/** The texts of the first rows, of which the dialect of a sheet is detected. */
export const xlsxTexts = async (stored: Stored, sheet: string | null, skip: number, signal: AbortSignal) => {
  const rows: { readonly line: number; readonly fields: readonly string[] }[] = [];
  const read = (workbook: Workbook) => textRows(workbook, sheetNamed(workbook, sheet), skip);
  for await (const { number, texts } of withWorkbook(stored, signal, read)) {
    rows.push({ line: number, fields: texts });
    if (rows.length === MAX_EXAMINED) break;
  }
  return rows;
};

interface TextRow {
  readonly number: number;
  readonly texts: readonly string[];
  /** What is in a cell without a value. */
  readonly error: string | null;
}

async function* textRows(workbook: Workbook, sheet: Sheet, skip: number): AsyncGenerator<TextRow, void, void> {
  for await (const { rows, rules } of filledRows(workbook, sheet, skip, { nulls: [], trim: false })) {
    for (const { number, cells } of rows) {
      const texts: string[] = [];
      let error: string | null = null;
      for (const cell of cells) {
        const read = readCell(cell, rules, PLAIN);
        if (typeof read === 'object' && read !== null) error ??= `${read.reason} in cell ${placeOf(number, cell)}`;
        const text = typeof read === 'object' ? '' : String(read);
        if (text === '') continue;
        while (texts.length < cell.column) texts.push('');
        texts.push(text);
      }
      if (texts.length > 0 || error !== null) yield { number, texts, error };
    }
  }
}

const PLAIN: CellTarget = { untyped: false, isDate: false };

/** The rows after a number, once the texts that they share are known. */
async function* filledRows(
  workbook: Workbook,
  sheet: Sheet,
  after: number,
  { nulls = [], trim = false }: Pick<StoredCsv, 'nulls' | 'trim'>,
): AsyncGenerator<{ readonly rows: readonly RawRow[]; readonly rules: CellRules }, void, void> {
  const strings = sharedStrings(workbook);
  const { dateFormats, dateSystem } = workbook;
  const rules = { dateFormats, dateSystem, strings, nulls: new Set(nulls), trim };
  try {
    for await (const found of sheetRows(workbook, sheet)) {
      const rows = found.filter(({ number }) => number > after);
      const last = Math.max(-1, ...rows.map(({ cells }) => lastShared(cells)));
      if (last >= 0) await strings.load(last);
      if (rows.length > 0) yield { rows, rules };
    }
  } finally {
    await strings.close();
  }
}

const lastShared = (cells: RawRow['cells']): number => {
  let last = -1;
  for (const { type, value } of cells) {
    if (type !== 's') continue;
    const index = Number(value);
    if (!Number.isInteger(index) || index < 0) throw new XmlError(`the shared text ${value} does not exist`);
    if (index > last) last = index;
  }
  return last;
};

/** Rows are returned together up to this number. */
const BLOCK_ROWS = 2_048;

/** The rows after a row number, which is the offset in bytes of other formats. */
export const readXlsx = (
  stored: Stored,
  source: Source,
  { csv, columns }: { readonly csv: StoredCsv; readonly columns: readonly TableColumn[] },
  columnRules: ColumnRules,
  fromRow: number,
  signal: AbortSignal,
): AsyncGenerator<ReadBlock, void, void> => {
  const targets = targetsOf(source, columns, columnRules);
  return withWorkbook(stored, signal, async function* (workbook) {
    const sheet = sheetNamed(workbook, source.sheet ?? null);
    const { nullif, nulls = [] } = csv;
    const options = { trim: csv.trim ?? false, nulls: nullif === null ? nulls : [...nulls, nullif] };
    const storedBytes = () => Math.floor((source.size ?? 0) * workbook.zip.fractionRead(sheet.part));
    let collected: RawRow[] = [];
    let block: ((rows: readonly RawRow[]) => Omit<ReadBlock, 'storedBytes'>) | undefined;
    for await (const { rows, rules } of filledRows(workbook, sheet, fromRow, options)) {
      collected.push(...rows);
      block ??= (some) => blockOf(some, rules, targets, csv.shortRows ?? false);
      if (collected.length < BLOCK_ROWS) continue;
      yield { ...block(collected), storedBytes: storedBytes() };
      collected = [];
    }
    if (block !== undefined) yield { ...block(collected), storedBytes: storedBytes() };
  });
};

/** For each field of a row, what its column stores. */
const targetsOf = (
  { fields, mapping }: Source,
  columns: readonly TableColumn[],
  { isUntyped }: ColumnRules,
): readonly CellTarget[] => {
  const width = mapping?.width ?? fields.length;
  return Array.from({ length: width }, (_, position) => {
    const index = mapping === undefined ? fields[position] : fields[mapping.take.indexOf(position)];
    const type = columns[index ?? -1]?.type ?? '';
    return { untyped: isUntyped(type), isDate: /^\s*date\s*$/i.test(type) };
  });
};

const blockOf = (
  raw: readonly RawRow[],
  rules: CellRules,
  targets: readonly CellTarget[],
  shortRows: boolean,
): Omit<ReadBlock, 'storedBytes'> => {
  const faults = new Map<number, CsvFault>();
  const kept: RawRow[] = [];
  const rows: (readonly Cell[])[] = [];
  const text = (i: number) => rowText(kept[i], rules, targets.length);
  for (const row of raw) {
    const read = readRow(row, rules, targets, shortRows);
    if (read === null) continue;
    kept.push(row);
    if ('reason' in read) faults.set(rows.length, { ...read, text: text(rows.length) });
    rows.push('reason' in read ? [] : read);
  }
  const numbers = kept.map(({ number }) => number);
  const nextLines = numbers.map((number) => number + 1);
  return { rows, ends: numbers, lines: numbers, nextLines, faults, lastLine: (i) => numbers[i] ?? 0, text };
};

/** Null for a row without values. */
const readRow = (
  { number, cells }: RawRow,
  rules: CellRules,
  targets: readonly CellTarget[],
  shortRows: boolean,
): readonly Cell[] | Omit<CsvFault, 'text'> | null => {
  const row: Cell[] = [];
  let isBlank = true;
  for (const cell of cells) {
    const read = readCell(cell, rules, targets[cell.column] ?? PLAIN);
    if (typeof read === 'object' && read !== null) {
      return { reason: `cell ${placeOf(number, cell)} holds ${read.reason}`, column: cell.column + 1 };
    }
    if (read === null) continue;
    // Formulas that give an empty text often go on far below the data, and to the right of it.
    if (read !== '') isBlank = false;
    else if (cell.column >= targets.length) continue;
    while (row.length < cell.column) row.push(null);
    row.push(read);
  }
  if (isBlank) return null;
  while (!shortRows && row.length < targets.length) row.push(null);
  return row;
};

/** As many fields as the header has, so that the text can be imported as CSV. */
const rowText = (row: RawRow | undefined, rules: CellRules, width: number): string => {
  const fields: (string | null)[] = [];
  for (const cell of row?.cells ?? []) {
    if (cell.value === null) continue;
    while (fields.length < cell.column) fields.push(null);
    fields.push(cellText(cell, rules));
  }
  while (fields.length < width) fields.push(null);
  return csvLine(fields);
};
