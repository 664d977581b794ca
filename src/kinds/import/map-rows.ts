/** Turns the fields of CSV rows into the values of columns: mapped, converted, and checked for their number. */
import type { CsvFault } from './csv-block.ts';
import type { StoredCsv } from './csv-options.ts';
import { dateReader } from './date-format.ts';
import type { Source, TableColumn } from './details.ts';
import type { ColumnRules } from './port.ts';
import type { Cell, RowBlock } from './rows.ts';

type Row = readonly Cell[];
/** Returns the converted text, or null for a text that is not written as it should be. */
interface Converter {
  readonly convert: (text: string) => string | null;
  readonly reason: string;
}

/** Returns null if the rows of the source need no mapping. */
export const rowMapper = (
  { fields, mapping }: Source,
  csv: StoredCsv,
  columns: readonly TableColumn[],
  rules: ColumnRules,
  /** The format has dates of its own, in ISO 8601, next to those in its texts. */
  hasDates: boolean,
): ((block: RowBlock) => RowBlock) | null => {
  const converters = fields.map((index, i) =>
    converterOf(columns[index]?.type ?? '', mapping?.dates[i] ?? null, csv.numbers ?? null, rules, hasDates),
  );
  const isConverted = converters.some((converter) => converter !== null);
  const { shortRows = false } = csv;
  if (mapping === undefined && !isConverted && !shortRows) return null;
  const { width, take, empty } = mapping ?? { width: fields.length, take: [...fields.keys()], empty: [] };
  const shapes = fields.map((_, length) => take.flatMap((from, i) => (from < length ? [fields[i] ?? 0] : [])));

  /** The cells of a row, or why it is a bad one. */
  const mapRow = (row: Row): Row | Omit<CsvFault, 'text'> => {
    if (row.length !== width && !(shortRows && row.length < width))
      return { reason: `${row.length} fields, expected ${width}` };
    const full = empty.find((at) => (row[at] ?? null) !== null && row[at] !== '');
    if (full !== undefined) return { reason: `a value in field ${full + 1}, which has no name` };
    const cells: Cell[] = [];
    for (const [i, at] of take.entries()) {
      if (at >= row.length) continue;
      const cell = row[at] ?? null;
      const converter = converters[i] ?? null;
      const converted = converter === null || typeof cell !== 'string' ? cell : converter.convert(cell);
      if (converted === null && cell !== null) return { reason: converter?.reason ?? '', column: i + 1 };
      cells.push(converted);
    }
    return cells;
  };

  /** A fault names its field by the position in the source; here by the one among the columns that are filled. */
  const filledBy = ({ column, ...fault }: CsvFault): CsvFault => {
    const index = column === undefined ? -1 : take.indexOf(column - 1);
    return index === -1 ? fault : { ...fault, column: index + 1 };
  };

  return (block) => {
    const faults = new Map([...block.faults].map(([i, fault]) => [i, filledBy(fault)] as const));
    const rowShapes: (readonly number[])[] = [];
    const rows = block.rows.map((row, i) => {
      const mapped = faults.has(i) ? [] : mapRow(row);
      rowShapes.push(shortRows && row.length < width ? (shapes[row.length] ?? fields) : fields);
      if (!('reason' in mapped)) return mapped;
      faults.set(i, { ...mapped, text: block.text(i) });
      return [];
    });
    return { ...block, rows, faults, ...(shortRows ? { shapes: rowShapes } : {}) };
  };
};

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{3})?)?$/;

const converterOf = (
  type: string,
  dateFormat: string | null,
  numbers: StoredCsv['numbers'],
  { isNumeric }: ColumnRules,
  hasDates: boolean,
): Converter | null => {
  if (dateFormat !== null) {
    const reader = dateReader(dateFormat);
    if ('problem' in reader) throw new Error(`dateFormat ${dateFormat} ${reader.problem}`);
    const convert = (text: string) => reader(text) ?? (hasDates && ISO.test(text) ? text : null);
    return { convert, reason: `not a date written as ${dateFormat}` };
  }
  if (numbers == null || !isNumeric(type)) return null;
  return { convert: numberReader(numbers), reason: `not a number with decimal ${JSON.stringify(numbers.decimal)}` };
};

const numberReader = ({ decimal, group }: NonNullable<StoredCsv['numbers']>): Converter['convert'] => {
  const quoted = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const whole = group === null ? '\\d+' : `\\d+|\\d{1,3}(?:${quoted(group)}\\d{3})+`;
  const number = new RegExp(`^\\s*([+-]?)(${whole})?(?:${quoted(decimal)}(\\d*))?\\s*$`);
  return (text) => {
    const [match, sign = '', before = '', after] = number.exec(text) ?? [];
    if (match === undefined || before + (after ?? '') === '') return null;
    const digits = group === null ? before : before.replaceAll(group, '');
    return `${sign}${digits || '0'}${after ? `.${after}` : ''}`;
  };
};
