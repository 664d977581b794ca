/**
 * The texts that the cells of a workbook share, read as far as they are needed. They are kept as UTF-8 outside of the
 * JavaScript heap, up to a limit.
 */
import { StorageError } from '../../../storage/url.ts';
import type { Workbook } from './workbook.ts';
import { parseXml, type XmlHandlers } from './xml.ts';

export interface SharedStrings {
  /** Reads up to this index. @throws StorageError if there is no such text, or if they are too large */
  load(index: number): Promise<void>;
  /** A text that was loaded. */
  at(index: number): string;
  close(): Promise<void>;
}

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_COUNT = 2 ** 25;

export const sharedStrings = ({ zip, stringsPart }: Pick<Workbook, 'zip' | 'stringsPart'>): SharedStrings => {
  let bytes = Buffer.allocUnsafeSlow(64 * 1024);
  let ends = new Uint32Array(1_024);
  let count = 0;
  let filled = 0;
  const add = (text: string) => {
    const size = Buffer.byteLength(text);
    if (filled + size > MAX_BYTES || count === MAX_COUNT) {
      throw new StorageError(`${zip.url} has more than 256 MiB of shared texts: save the sheet as .csv`);
    }
    if (filled + size > bytes.length) bytes = grown(bytes, Math.max(2 * bytes.length, filled + size));
    if (count === ends.length) {
      const larger = new Uint32Array(2 * ends.length);
      larger.set(ends);
      ends = larger;
    }
    filled += bytes.write(text, filled);
    ends[count] = filled;
    count += 1;
  };
  const reading = stringsPart === null ? null : parseXml(zip.read(stringsPart), stringHandlers('si', add), () => null);
  return {
    load: async (index) => {
      while (count <= index && (await reading?.next())?.done === false);
      if (count <= index) throw new StorageError(`${zip.url} is damaged: it has no shared text ${index}`);
    },
    at: (index) => bytes.toString('utf8', index === 0 ? 0 : ends[index - 1], ends[index]),
    close: async () => {
      await reading?.return();
    },
  };
};

const grown = (bytes: Buffer, size: number): Buffer<ArrayBuffer> => {
  const larger = Buffer.allocUnsafeSlow(Math.min(size, MAX_BYTES));
  bytes.copy(larger);
  return larger;
};

/** Collects the text of each element of a name: that of all its runs, without the readings of Asian texts. */
const stringHandlers = (element: string, add: (text: string) => void): XmlHandlers => {
  let text = '';
  let isInText = false;
  let phonetic = 0;
  return {
    open: (name) => {
      if (name === element) text = '';
      if (name === 'rPh') phonetic += 1;
      if (name === 't') isInText = phonetic === 0;
    },
    close: (name) => {
      if (name === 't') isInText = false;
      if (name === 'rPh') phonetic -= 1;
      if (name === element) add(unescaped(text));
    },
    text: (piece) => {
      if (isInText) text += piece;
    },
  };
};

/** `_x000D_` stands for a character that XML cannot contain, and `_x005F_` for an underscore before such a code. */
export const unescaped = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9a-f]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;
