/*
 * Streaming bzip2 decompression. A block (at most 900,000 bytes before its runs are expanded) is decoded once all of it
 * has arrived. Its output is passed on in small chunks, since 45 bytes can encode a block of 46 megabytes. The format
 * has no specification other than its program: "BZh", the level, blocks, each after the digits of pi, and, after the
 * digits of its square root, the checksum of all blocks. Several such streams may follow one another.
 */
import { Bits, CUT_SHORT, type DecodedBlock, decodeBlock } from './bzip2-block.ts';
import { CutShort, checkRest } from './faults.ts';

const PIECE_BYTES = 64 * 1024;
const MAX_REPEAT = 255;

/** @throws CutShort, Unreadable; any other error of its own for data that is damaged or not bzip2 */
export async function* bunzip2(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const source = chunks[Symbol.asyncIterator]();
  const input: Input = { source, bits: new Bits(new Uint8Array()) };
  try {
    for (let streams = 0; await hasMore(input); streams++) {
      if (streams > 0 && !(await whenWhole(input, isStream))) {
        const { bytes, at } = input.bits;
        return await checkRest('bzip2', bytes.subarray(at >>> 3), () => source.next());
      }
      const level = await whenWhole(input, readHeader);
      let checksum = 0;
      for (;;) {
        const part = await whenWhole(input, (bits) => readPart(bits, level));
        if (part.kind === 'end') {
          if (part.checksum !== checksum) throw new Error('the checksum is wrong');
          break;
        }
        yield* written(part.block);
        checksum = (((checksum << 1) | (checksum >>> 31)) ^ part.block.checksum) >>> 0;
      }
      input.bits.align();
    }
  } finally {
    await source.return?.();
  }
}

interface Input {
  readonly source: AsyncIterator<Uint8Array>;
  bits: Bits;
}

/**
 * Parses a part. If the input is incomplete, parses it again from its beginning, each time with twice as much input.
 */
const whenWhole = async <T>(input: Input, read: (bits: Bits) => T): Promise<T> => {
  for (;;) {
    const start = input.bits.at;
    try {
      return read(input.bits);
    } catch (error) {
      if (error !== CUT_SHORT) throw error;
    }
    input.bits.at = start;
    if (!(await fill(input))) throw new CutShort('the data ends in the middle');
  }
};

const hasMore = async (input: Input): Promise<boolean> => input.bits.left > 0 || (await fill(input));

/** Adds the input that is available, at least one byte; false at the end. */
const fill = async (input: Input): Promise<boolean> => {
  const { bytes, at } = input.bits;
  const rest = bytes.subarray(at >>> 3);
  const parts = [rest];
  let added = 0;
  while (added === 0 || added < rest.length) {
    const { done, value } = await input.source.next();
    if (done === true) break;
    parts.push(value);
    added += value.length;
  }
  input.bits = new Bits(Buffer.concat(parts), at & 7);
  return added > 0;
};

/** Whether another stream begins here. */
const isStream = (bits: Bits): boolean => {
  const { at } = bits;
  for (const byte of HEADER) {
    if (bits.take(8) === byte) continue;
    bits.at = at;
    return false;
  }
  bits.at = at;
  return true;
};

const HEADER = Buffer.from('BZh');

const readHeader = (bits: Bits): number => {
  if (bits.take(24) !== 0x425a68) throw new Error('the beginning is missing');
  const level = bits.take(8) - 0x30;
  if (level < 1 || level > 9) throw new Error('the level is wrong');
  return level;
};

type Part =
  | { readonly kind: 'block'; readonly block: DecodedBlock }
  | { readonly kind: 'end'; readonly checksum: number };

const readPart = (bits: Bits, level: number): Part => {
  const mark = [bits.take(24), bits.take(24)].join();
  if (mark === `${0x314159},${0x265359}`) return { kind: 'block', block: decodeBlock(bits, level * 100_000) };
  if (mark === `${0x177245},${0x385090}`) return { kind: 'end', checksum: bits.take(32) };
  throw new Error('what follows is no block');
};

/** The bytes of a block: four equal bytes are followed by the number of further repetitions. */
function* written({ bytes, first, checksum }: DecodedBlock): Generator<Uint8Array, void, void> {
  let piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let filled = 0;
  let crc = -1;
  let run = 0;
  let last = -1;
  let place = first;
  for (let i = 0; i < bytes.length; i++) {
    const entry = bytes[place] ?? 0;
    place = entry >>> 8;
    const byte = entry & 0xff;
    let times = 1;
    let value = byte;
    if (run === 4) {
      times = byte;
      value = last;
      run = 0;
      last = -1;
    } else {
      run = byte === last ? run + 1 : 1;
      last = byte;
    }
    for (; times > 0; times--) {
      piece[filled++] = value;
      crc = (crc << 8) ^ (CRC[(crc >>> 24) ^ value] ?? 0);
    }
    if (filled < PIECE_BYTES - MAX_REPEAT) continue;
    yield piece.subarray(0, filled);
    piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    filled = 0;
  }
  if (~crc >>> 0 !== checksum) throw new Error('the checksum of a block is wrong');
  if (filled > 0) yield piece.subarray(0, filled);
}

/** CRC-32, most significant bit first. */
const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});
