/** Writes workbooks for tests: the XML of each part is given, or made from rows. */
import { strToU8, zipSync } from 'fflate';

/** A cell: its XML without a reference, or a value. */
export type CellInput = string | number | boolean | null | { readonly xml: string };

export interface WorkbookInput {
  readonly sheets: readonly (readonly [name: string, rows: SheetInput])[];
  readonly date1904?: boolean;
  /** The codes of number formats: cells use them as style 1, 2 and so on. */
  readonly formats?: readonly string[];
  readonly strings?: readonly string[];
  /** More entries, or others in place of these. */
  readonly parts?: Readonly<Record<string, string | Uint8Array>>;
}

/** The rows by their number, or their XML. */
export type SheetInput = Readonly<Record<number, readonly CellInput[]>> | string;

export const xml = (text: string): { readonly xml: string } => ({ xml: text });
export const number = (text: string, style = 0) => xml(`<c s="${style}"><v>${text}</v></c>`);
export const shared = (index: number) => xml(`<c t="s"><v>${index}</v></c>`);

const NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/_x(?=[0-9a-f]{4}_)/gi, '_x005F_x')
    .replace(/[\p{Cc}\ufffe\uffff]/gu, (c) =>
      c === '\t' || c === '\n' ? c : `_x${c.charCodeAt(0).toString(16).padStart(4, '0')}_`,
    );

const letters = (column: number): string =>
  (column >= 26 ? letters(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26));

const cellXml = (cell: CellInput, reference: string): string => {
  if (cell === null) return '';
  if (typeof cell === 'number') return `<c r="${reference}"><v>${cell}</v></c>`;
  if (typeof cell === 'boolean') return `<c r="${reference}" t="b"><v>${cell ? 1 : 0}</v></c>`;
  if (typeof cell === 'string') {
    return `<c r="${reference}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
  }
  return cell.xml.replace(/^<c\b/, `<c r="${reference}"`);
};

const sheetXml = (rows: SheetInput): string => {
  const data =
    typeof rows === 'string'
      ? rows
      : Object.entries(rows)
          .map(([number, cells]) => {
            const inner = cells.map((cell, column) => cellXml(cell, `${letters(column)}${number}`));
            return `<row r="${number}">${inner.join('')}</row>`;
          })
          .join('');
  return `<?xml version="1.0" encoding="UTF-8"?><worksheet ${NS}><sheetData>${data}</sheetData></worksheet>`;
};

export const workbook = ({ sheets, date1904 = false, formats = [], strings = [], parts = {} }: WorkbookInput) => {
  const relations = [
    ...sheets.map((_, i) => `<Relationship Id="r${i}" Type="${REL}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`),
    `<Relationship Id="rs" Type="${REL}/styles" Target="styles.xml"/>`,
    `<Relationship Id="rt" Type="${REL}/sharedStrings" Target="/xl/sharedStrings.xml"/>`,
  ];
  const entries: Record<string, string | Uint8Array> = {
    '[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    'xl/workbook.xml': `<workbook ${NS} xmlns:r="${REL}"><workbookPr date1904="${date1904 ? 1 : 0}"/><sheets>${sheets
      .map(([name], i) => `<sheet name="${escaped(name).replaceAll('"', '&quot;')}" sheetId="${i + 1}" r:id="r${i}"/>`)
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${relations.join('')}</Relationships>`,
    'xl/styles.xml': `<styleSheet ${NS}><numFmts>${formats
      .map((code, i) => `<numFmt numFmtId="${i + 164}" formatCode="${escaped(code).replaceAll('"', '&quot;')}"/>`)
      .join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${formats
      .map((_, i) => `<xf numFmtId="${i + 164}"/>`)
      .join('')}<xf numFmtId="14"/></cellXfs></styleSheet>`,
    'xl/sharedStrings.xml': `<sst ${NS}>${strings.map((text) => (text.startsWith('<') ? text : `<si><t xml:space="preserve">${escaped(text)}</t></si>`)).join('')}</sst>`,
    ...Object.fromEntries(sheets.map(([, rows], i) => [`xl/worksheets/sheet${i + 1}.xml`, sheetXml(rows)])),
    ...parts,
  };
  return zipSync(
    Object.fromEntries(
      Object.entries(entries).map(([name, content]) => [
        name,
        typeof content === 'string' ? strToU8(content) : content,
      ]),
    ),
  );
};
