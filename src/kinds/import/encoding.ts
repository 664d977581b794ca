/**
 * The encodings of the WHATWG Encoding Standard: text is transcoded to UTF-8 in a stream. Bytes that the encoding does
 * not define become a byte that UTF-8 does not define, so that their row is a bad row and no value changes in silence.
 */
import { labelToName, TextDecoder as WebDecoder } from '@exodus/bytes/encoding.js';
import { analyse } from 'chardet';
import {
  type CompressedFile,
  type Decompressed,
  fromOffset,
  readDecompressed,
} from '../../storage/compression/compression.ts';
import { StorageError } from '../../storage/url.ts';

export const UTF8 = 'UTF-8';
/** The encoding of each source is detected. */
export const AUTO = 'AUTO';

/** The name of an encoding by one of its labels; null if there is none. */
export const encodingNamed = (label: string): string | null => {
  if (label.trim().toUpperCase() === AUTO) return AUTO;
  const name = labelToName(label);
  return name === 'replacement' ? null : name;
};

export interface EncodedText extends CompressedFile {
  readonly encoding: string;
}

/** The text from an offset on, in UTF-8. If it is transcoded, all before the offset is read again and skipped. */
export const readText = ({ encoding, ...file }: EncodedText, fromByte: number, signal: AbortSignal): Decompressed => {
  if (encoding === UTF8) return readDecompressed(file, fromByte, signal);
  const { chunks, storedBytes } = readDecompressed(file, 0, signal);
  return { chunks: fromOffset(transcode(chunks, encoding), fromByte, signal), storedBytes };
};

export async function* transcode(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<Uint8Array, void, void> {
  const decode = decoderOf(encoding);
  for await (const chunk of chunks) {
    const bytes = decode(chunk);
    if (bytes.length > 0) yield bytes;
  }
  const rest = decode(null);
  if (rest.length > 0) yield rest;
}

/** Returns UTF-8 for the next piece; null ends the text. */
type Decoder = (chunk: Uint8Array | null) => Buffer;

const decoderOf = (encoding: string): Decoder => {
  if (encoding === 'UTF-16LE' || encoding === 'UTF-16BE') return utf16Decoder(encoding === 'UTF-16BE');
  const decoder = new WebDecoder(encoding, { ignoreBOM: true });
  return (chunk) => encode(chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true }), /\ufffd/);
};

/** Text in UTF-16 can contain U+FFFD itself. Here half a surrogate pair is what is invalid. */
const utf16Decoder = (isBigEndian: boolean): Decoder => {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const bytes = Buffer.concat([rest, chunk ?? rest.subarray(0, 0)]);
    let end = bytes.length - (bytes.length % 2);
    const high = bytes[isBigEndian ? end - 2 : end - 1] ?? 0;
    // The other half of a pair follows in the next piece.
    if (chunk !== null && (high & 0xfc) === 0xd8) end -= 2;
    rest = Buffer.from(bytes.subarray(end));
    const units = bytes.subarray(0, end);
    if (isBigEndian) units.swap16();
    const text = units.toString('utf16le');
    return encode(chunk === null && rest.length > 0 ? `${text}\ud800` : text, /\p{Surrogate}/u);
  };
};

const INVALID = Buffer.from([0xff]);

const encode = (text: string, invalid: RegExp): Buffer => {
  if (!invalid.test(text)) return Buffer.from(text);
  return Buffer.concat(
    text.split(invalid).flatMap((part, i) => (i === 0 ? [Buffer.from(part)] : [INVALID, Buffer.from(part)])),
  );
};

/** What `AUTO` needs of a source to detect its encoding. */
const SAMPLE_BYTES = 256 * 1024;
/** Enough for a byte order mark, and to recognize UTF-16 without one. */
const PROBE_BYTES = 64;
/** As long as a sample is ASCII, more is read: it says nothing about other characters. */
const ASCII_BYTES = 4 * 1024 * 1024;

/** The start of a source and its encoding: that of a byte order mark, the one given, or the one detected. */
export const findEncoding = async (
  given: string,
  file: CompressedFile,
  signal: AbortSignal,
): Promise<{ readonly encoding: string | null; readonly isEmpty: boolean }> => {
  const { bytes, isWhole } = await startOf(file, given === AUTO, signal);
  const marked = BOMS.find(([, bom]) => bytes.subarray(0, bom.length).equals(bom))?.[0];
  const encoding = marked ?? (given === AUTO ? detectEncoding(bytes, isWhole) : encodingNamed(given));
  const utf16 = marked === undefined && encoding === UTF8 ? utf16In(bytes, 1 / 4) : null;
  if (utf16 !== null) {
    throw new StorageError(`${file.stored.url} is ${utf16} without a byte order mark: set encoding to ${utf16}`);
  }
  return { encoding, isEmpty: bytes.length === 0 };
};

const BOMS: readonly (readonly [string, Buffer])[] = [
  [UTF8, Buffer.from([0xef, 0xbb, 0xbf])],
  ['UTF-16LE', Buffer.from([0xff, 0xfe])],
  ['UTF-16BE', Buffer.from([0xfe, 0xff])],
];

const startOf = async (file: CompressedFile, isSample: boolean, signal: AbortSignal) => {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let isAscii = true;
  for await (const chunk of readDecompressed(file, 0, signal).chunks) {
    pieces.push(chunk);
    length += chunk.length;
    isAscii &&= chunk.every((byte) => byte > 0 && byte < 0x80);
    const enough = isSample ? (isAscii ? ASCII_BYTES : SAMPLE_BYTES) : PROBE_BYTES;
    if (length >= enough) return { bytes: Buffer.concat(pieces), isWhole: false };
  }
  return { bytes: Buffer.concat(pieces), isWhole: true };
};

/** Null if none fits. */
export const detectEncoding = (bytes: Buffer, isWhole: boolean): string | null => {
  const utf16 = utf16In(bytes, 1 / 20);
  if (utf16 !== null) return utf16;
  if (isValid(bytes, UTF8, isWhole)) return UTF8;
  const names = analyse(bytes.subarray(0, SAMPLE_BYTES)).map(({ name }) => encodingNamed(name));
  return names.find((name) => name !== null && name !== UTF8 && isValid(bytes, name, isWhole)) ?? null;
};

/**
 * Text of digits, spaces and line breaks has a zero in each of its units. Null for any other.
 * @param share the least share of such zeros
 */
const utf16In = (bytes: Buffer, share: number): 'UTF-16BE' | 'UTF-16LE' | null => {
  const zeros = [0, 0];
  for (const [i, byte] of bytes.subarray(0, SAMPLE_BYTES).entries()) {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = zeros;
  if (Math.max(even, odd) <= 10 * Math.min(even, odd) + bytes.length * share) return null;
  return even > odd ? 'UTF-16BE' : 'UTF-16LE';
};

const isValid = (bytes: Buffer, encoding: string, isWhole: boolean): boolean => {
  try {
    new WebDecoder(encoding, { fatal: true }).decode(bytes, { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
};
