/**
 * How the bytes of a column are written: as hexadecimal digits, as base64, or as plain text. Values of one form can look
 * like those of another (`abcd`), so the form is decided once for a column, when the job is created, and a later value
 * that does not have it is a bad row.
 */
import type { BytesForms, TableColumn } from './details.ts';
import type { ColumnRules } from './port.ts';
import type { Cell, ReadBlock } from './rows.ts';

/** The number of values that decide. */
const MAX_SAMPLE = 1_000;

const isHex = (text: string) => /^(?:[0-9a-f]{2})*$/i.test(text);
const isBase64 = (text: string) =>
  text.length % 4 === 0 &&
  /^[A-Za-z0-9+/]*={0,2}$/.test(text) &&
  Buffer.from(text, 'base64').toString('base64') === text;

export const hasBytes = (columns: readonly TableColumn[], { isBytes }: ColumnRules): boolean =>
  columns.some(({ type }) => isBytes(type));

/** The form that all values of a sample have, for each column of bytes. Values after `\x` are hexadecimal in any form. */
export const bytesForms = (
  columns: readonly TableColumn[],
  fields: readonly number[],
  blocks: readonly ReadBlock[],
  { isBytes }: ColumnRules,
): BytesForms => {
  const forms = columns.flatMap(({ type }, index) => {
    if (!isBytes(type)) return [];
    const texts = blocks.flatMap(({ rows, shapes }) =>
      rows.flatMap((row, i) => textsOf(row[(shapes?.[i] ?? fields).indexOf(index)])),
    );
    return [[String(index), formOf(texts.slice(0, MAX_SAMPLE))] as const];
  });
  return Object.fromEntries(forms);
};

const textsOf = (cell: Cell | undefined): readonly string[] =>
  typeof cell === 'string' && cell !== '' && !/^\\x/i.test(cell) ? [cell] : [];

const formOf = (texts: readonly string[]) => {
  if (texts.length === 0) return 'TEXT';
  if (texts.every(isHex)) return 'HEX';
  return texts.every(isBase64) ? 'BASE64' : 'TEXT';
};
