/** The parts of a workbook that say what the cells of its sheets mean: sheets, date system, and formats. */
import type { Stored } from '../../../storage/storage.ts';
import { StorageError } from '../../../storage/url.ts';
import { refuseCompound } from './compound.ts';
import { builtInFormat, type DateFormat, dateFormatOf } from './dates.ts';
import { attributeOf, parseXml, XmlError, type XmlHandlers } from './xml.ts';
import { openZip, type Zip } from './zip.ts';

export interface Sheet {
  readonly name: string;
  /** The name of its entry in the archive. */
  readonly part: string;
}

export interface Workbook {
  readonly zip: Zip;
  readonly sheets: readonly Sheet[];
  readonly dateSystem: 1900 | 1904;
  /** By the number of the style of a cell. */
  readonly dateFormats: readonly (DateFormat | null)[];
  /** The entry of the texts that cells share; null if there are none. */
  readonly stringsPart: string | null;
}

const BOOK = 'xl/workbook.xml';
/** Of the parts that are held in memory. */
const MAX_PART_BYTES = 64 * 1024 * 1024;

/** Whether an archive is a workbook. @throws StorageError for a spreadsheet of another format */
export const isWorkbook = ({ names, url }: Pick<Zip, 'names' | 'url'>): boolean => {
  if (names.includes(BOOK)) return true;
  if (names.includes('xl/workbook.bin'))
    throw new StorageError(`${url} is a binary workbook (.xlsb): save it as .xlsx`);
  if (names.includes('content.xml') && names.includes('mimetype')) {
    throw new StorageError(`${url} is an OpenDocument file: save it as .xlsx, or its sheet as .csv`);
  }
  return false;
};

/** @throws StorageError if it is no workbook that can be read */
export const openWorkbook = async (stored: Stored, signal: AbortSignal): Promise<Workbook> => {
  await refuseCompound(stored, signal);
  const zip = await openZip(stored, signal);
  try {
    if (!isWorkbook(zip)) throw new StorageError(`${zip.url} is a zip archive, but no Excel workbook`);
    return await readWorkbook(zip);
  } catch (error) {
    zip.close();
    throw failureIn(zip.url, error);
  }
};

/** Names the file in an error of its content. */
export const failureIn = (url: string, error: unknown): unknown =>
  error instanceof XmlError ? new StorageError(`${url} is damaged: ${error.message}`) : error;

const readWorkbook = async (zip: Zip): Promise<Workbook> => {
  const parts = await relations(zip);
  const named: { readonly name: string; readonly id: string }[] = [];
  let dateSystem: 1900 | 1904 = 1900;
  await readPart(zip, BOOK, {
    open: (name, attributes) => {
      if (name === 'workbookPr') dateSystem = isTrue(attributes.date1904) ? 1904 : 1900;
      if (name === 'sheet') named.push({ name: attributes.name ?? '', id: attributeOf(attributes, 'id') ?? '' });
    },
    ...NO_TEXT,
  });
  const sheets = named.flatMap(({ name, id }) => {
    const part = parts.get(id);
    return part?.type === 'worksheet' ? [{ name, part: part.name }] : [];
  });
  if (sheets.length === 0) throw new StorageError(`${zip.url} has no sheet with cells`);
  const ofType = (type: string) =>
    [...parts.values()].find((part) => part.type === type && zip.names.includes(part.name))?.name ?? null;
  const styles = ofType('styles');
  return {
    ...{ zip, sheets, dateSystem },
    dateFormats: styles === null ? [] : await readStyles(zip, styles),
    stringsPart: ofType('sharedStrings'),
  };
};

const isTrue = (value: string | undefined) => value === '1' || value === 'true';
const NO_TEXT = { close: () => undefined, text: () => undefined };

/** The parts to which the workbook refers, by the id of the reference. */
const relations = async (zip: Zip) => {
  const parts = new Map<string, { readonly type: string; readonly name: string }>();
  await readPart(zip, 'xl/_rels/workbook.xml.rels', {
    open: (name, { Id: id, Type: type = '', Target: target = '' }) => {
      if (name !== 'Relationship' || id === undefined) return;
      const path = target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`;
      parts.set(id, { type: type.slice(type.lastIndexOf('/') + 1), name: path });
    },
    ...NO_TEXT,
  });
  return parts;
};

const readStyles = async (zip: Zip, part: string): Promise<readonly (DateFormat | null)[]> => {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let isInCells = false;
  await readPart(zip, part, {
    open: (name, attributes) => {
      if (name === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '');
      if (name === 'cellXfs') isInCells = true;
      if (name === 'xf' && isInCells) formats.push(Number(attributes.numFmtId ?? 0));
    },
    close: (name) => {
      if (name === 'cellXfs') isInCells = false;
    },
    text: () => undefined,
  });
  return formats.map((id) => {
    const code = codes.get(id);
    return code === undefined ? builtInFormat(id) : dateFormatOf(code);
  });
};

const readPart = async (zip: Zip, part: string, handlers: XmlHandlers): Promise<void> => {
  let bytes = 0;
  const bounded = async function* () {
    for await (const chunk of zip.read(part)) {
      bytes += chunk.length;
      if (bytes > MAX_PART_BYTES) throw new StorageError(`${zip.url}: ${part} is larger than 64 MiB`);
      yield chunk;
    }
  };
  for await (const _ of parseXml(bounded(), handlers, () => null));
};
