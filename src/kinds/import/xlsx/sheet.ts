/** The rows of a sheet, as a stream. A cell without a place of its own follows the one before it. */
import type { Sheet, Workbook } from './workbook.ts';
import { parseXml, XmlError, type XmlHandlers } from './xml.ts';

export interface RawCell {
  /** From 0. */
  readonly column: number;
  /** `n`, `s`, `str`, `inlineStr`, `b`, `e` or `d`. */
  readonly type: string;
  readonly style: number;
  /** As it is written in the file; null for none. */
  readonly value: string | null;
  readonly hasFormula: boolean;
}

export interface RawRow {
  /** As the application shows it, from 1. */
  readonly number: number;
  /** In the order of their columns; an empty cell may be absent. */
  readonly cells: readonly RawCell[];
}

const MAX_ROWS = 1_048_576;
const MAX_COLUMNS = 16_384;
const MAX_ROW_CHARACTERS = 16 * 1024 * 1024;

/** Some rows at a time. @throws StorageError for the archive; XmlError for the content */
export const sheetRows = ({ zip }: Workbook, sheet: Sheet): AsyncGenerator<readonly RawRow[], void, void> => {
  const { handlers, take } = rowHandlers();
  return parseXml(zip.read(sheet.part), handlers, take);
};

const fail = (problem: string): never => {
  throw new XmlError(problem);
};

interface OpenCell {
  column: number;
  type: string;
  style: number;
  value: string | null;
  hasFormula: boolean;
}

const rowHandlers = () => {
  let found: RawRow[] = [];
  let number = 0;
  let cells: OpenCell[] | null = null;
  let cell: OpenCell | null = null;
  let isInValue = false;
  let phonetic = 0;
  let characters = 0;

  const openRow = (given: string | undefined) => {
    const next = given === undefined ? number + 1 : Number(given);
    if (!Number.isInteger(next) || next <= number || next > MAX_ROWS) fail(`row ${given} follows row ${number}`);
    number = next;
    cells = [];
    characters = 0;
  };
  const openCell = (attributes: Readonly<Record<string, string>>) => {
    const before = cells?.at(-1)?.column ?? -1;
    const column = attributes.r === undefined ? before + 1 : columnIn(attributes.r);
    if (column <= before || column >= MAX_COLUMNS) fail(`cell ${attributes.r} of row ${number} is in the wrong place`);
    const { t: type = 'n', s: style = '0' } = attributes;
    cell = { column, type, style: Number(style), value: null, hasFormula: false };
  };
  const handlers: XmlHandlers = {
    open: (name, attributes) => {
      if (name === 'row') openRow(attributes.r);
      else if (name === 'c' && cells !== null) openCell(attributes);
      else if (cell === null) return;
      else if (name === 'f') cell.hasFormula = true;
      else if (name === 'rPh') phonetic += 1;
      else if (name === 'v' || (name === 't' && phonetic === 0)) {
        isInValue = true;
        cell.value ??= '';
      }
    },
    close: (name) => {
      if (name === 'v' || name === 't') isInValue = false;
      else if (name === 'rPh') phonetic -= 1;
      else if (name === 'c' && cell !== null) {
        cells?.push(cell);
        cell = null;
      } else if (name === 'row' && cells !== null) {
        found.push({ number, cells });
        cells = null;
      }
    },
    text: (text) => {
      if (!isInValue || cell === null) return;
      characters += text.length;
      if (characters > MAX_ROW_CHARACTERS) fail(`row ${number} is longer than 16 MiB`);
      cell.value += text;
    },
  };
  const take = (): readonly RawRow[] => {
    const rows = found;
    found = [];
    return rows;
  };
  return { handlers, take };
};

/** The column of a reference such as `AB12`, from 0; -1 if it is none. */
const columnIn = (reference: string): number => {
  let column = 0;
  for (let i = 0; i < reference.length; i++) {
    const letter = reference.charCodeAt(i) & ~0x20;
    if (letter < 65 || letter > 90) break;
    column = column * 26 + letter - 64;
  }
  return column - 1;
};

/** The letters of a column, from 0: `A`, `B` … `AA`. */
export const columnLetters = (column: number): string =>
  (column >= 26 ? columnLetters(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26));
