/**
 * Turns the cells of a workbook into values: numbers with the fewest digits that mean the same double, dates as ISO
 * 8601, the results of formulas. A cell that holds no value that can be stored exactly makes its row a bad one.
 */
import type { Cell } from '../rows.ts';
import { dateText } from './dates.ts';
import { columnLetters, type RawCell } from './sheet.ts';
import { type SharedStrings, unescaped } from './strings.ts';
import type { Workbook } from './workbook.ts';

export interface CellRules extends Pick<Workbook, 'dateFormats' | 'dateSystem'> {
  readonly strings: Pick<SharedStrings, 'at'>;
  /** Texts that are NULL. */
  readonly nulls: ReadonlySet<string>;
  /** Removes spaces and tabs around texts. */
  readonly trim: boolean;
}

export interface CellTarget {
  /** The column stores any type unchanged. */
  readonly untyped: boolean;
  /** The column stores days. */
  readonly isDate: boolean;
}

export interface CellFault {
  readonly reason: string;
}

export const readCell = (cell: RawCell, rules: CellRules, target: CellTarget): Cell | CellFault => {
  const { type, value, hasFormula } = cell;
  if (value === null) return hasFormula ? { reason: 'a formula without a result: save the file in Excel' } : null;
  switch (type) {
    case 's':
      return textCell(rules.strings.at(Number(value)), rules);
    case 'str':
    case 'inlineStr':
      return textCell(unescaped(value), rules);
    case 'b':
      return booleanCell(value === '1' || value === 'true', target);
    case 'e':
      return { reason: EXCEL_ERRORS.has(value) ? `the error ${value}` : 'an error' };
    case 'd':
      return value;
    default:
      return value === '' ? null : numberOrDate(cell, value, rules, target);
  }
};

/** The reason of a bad row contains nothing else that a file has as an error. */
const EXCEL_ERRORS: ReadonlySet<string> = new Set([
  ...['#NULL!', '#DIV/0!', '#VALUE!', '#REF!', '#NAME?', '#NUM!', '#N/A', '#GETTING_DATA', '#SPILL!', '#CALC!'],
  ...['#FIELD!', '#BLOCKED!', '#CONNECT!', '#UNKNOWN!', '#BUSY!'],
]);

/** As it is shown in the text of a bad row. */
export const cellText = (cell: RawCell, rules: CellRules): string => {
  if (cell.type === 'e') return cell.value ?? '';
  const read = readCell(cell, { ...rules, nulls: new Set(), trim: false }, { untyped: false, isDate: false });
  return typeof read === 'object' && read !== null ? (cell.value ?? '') : String(read ?? '');
};

export const placeOf = (row: number, { column }: RawCell): string => `${columnLetters(column)}${row}`;

const textCell = (text: string, { nulls, trim }: CellRules): Cell | CellFault => {
  if (text.includes('\0') || !text.isWellFormed()) return { reason: 'a NUL character or half a surrogate pair' };
  const kept = trim ? text.replace(/^[ \t]+|[ \t]+$/g, '') : text;
  return nulls.has(kept) ? null : kept;
};

const booleanCell = (value: boolean, { untyped }: CellTarget): Cell => (untyped ? BigInt(value) : value);

/** A double needs no more digits. */
const MAX_DIGITS = 17;

const numberOrDate = (
  { style }: RawCell,
  text: string,
  { dateFormats, dateSystem }: CellRules,
  { untyped, isDate }: CellTarget,
): Cell | CellFault => {
  const number = Number(text);
  if (Number.isNaN(number)) return { reason: 'a number that is not written as one' };
  const format = dateFormats[style] ?? null;
  if (format !== null) {
    const date = dateText(number, format, dateSystem);
    if (date === null) return { reason: 'a number that is no date although it is formatted as one' };
    return isDate ? date.replace(/T00:00:00$/, '') : date;
  }
  const isWhole = /^-?\d+$/.test(text);
  const digits = text.replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '').length;
  const exact = isWhole || digits > MAX_DIGITS || !Number.isFinite(number) ? text : String(number);
  if (!untyped) return exact;
  return isWhole ? wholeNumber(text) : number;
};

const wholeNumber = (text: string): number | bigint => {
  const whole = BigInt(text);
  return BigInt.asIntN(64, whole) === whole ? whole : Number(text);
};
