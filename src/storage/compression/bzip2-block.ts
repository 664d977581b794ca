/** One bzip2 block: reads the code tables, decodes the symbols, and inverts the sort (Burrows-Wheeler transform). */

export interface DecodedBlock {
  /**
   * For each position in the sorted text, its byte and, shifted by eight bits, the position of the next byte of the
   * text.
   */
  readonly bytes: Uint32Array;
  /** The position at which the text begins. */
  readonly first: number;
  readonly checksum: number;
}

/** Thrown when more bits are requested than remain. */
export const CUT_SHORT = new Error('there are no more bits');

/** Reads bits, the most significant of a byte first. */
export class Bits {
  readonly bytes: Uint8Array;
  /** The number of bits read. */
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Negative if more bits were read than there are. */
  get left(): number {
    return this.bytes.length * 8 - this.at;
  }

  /** Reads up to 32 bits. @throws CUT_SHORT */
  take(count: number): number {
    let value = 0;
    if (this.left < count) throw CUT_SHORT;
    for (let left = count; left > 0; ) {
      const there = 8 - (this.at & 7);
      const count = Math.min(there, left);
      const bits = ((this.bytes[this.at >>> 3] ?? 0) >>> (there - count)) & ((1 << count) - 1);
      value = value * 2 ** count + bits;
      this.at += count;
      left -= count;
    }
    return value;
  }

  /** Advances to the next whole byte. */
  align(): void {
    this.at = (this.at + 7) & ~7;
  }
}

/**
 * Reads a block after its magic number. @throws CUT_SHORT if the block is incomplete; another error if it is damaged
 */
export const decodeBlock = (bits: Bits, maxBytes: number): DecodedBlock => {
  const checksum = bits.take(32);
  if (bits.take(1) !== 0) throw damaged('is of a version before 0.9.5');
  const pointer = bits.take(24);
  const used = readUsed(bits);
  const codes = bits.take(3);
  if (codes < 2 || codes > 6) throw damaged('has a wrong number of codes');
  const selectors = readSelectors(bits, codes);
  const tables = Array.from({ length: codes }, () => readCode(bits, used.length + 2));
  const sorted = new Uint32Array(maxBytes);
  const counts = new Uint32Array(256);
  const size = readSymbols(bits, { used, selectors, tables }, sorted, counts);
  if (pointer >= size) throw damaged('has no beginning');
  const bytes = sorted.subarray(0, size);
  return { bytes, first: unsort(bytes, counts, pointer), checksum };
};

const damaged = (what: string) => new Error(`a block ${what}`);

/** The bytes that occur in the block, in order. */
const readUsed = (bits: Bits): Uint8Array => {
  const rows = bits.take(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const there = bits.take(16);
    for (let i = 0; i < 16; i++) if ((there & (0x8000 >> i)) !== 0) used.push(row * 16 + i);
  }
  if (used.length === 0) throw damaged('has no bytes');
  return Uint8Array.from(used);
};

/** The code table used for each group of 50 symbols. */
const readSelectors = (bits: Bits, codes: number): Uint8Array => {
  const selectors = new Uint8Array(bits.take(15));
  const recent = [0, 1, 2, 3, 4, 5];
  for (let i = 0; i < selectors.length; i++) {
    let back = 0;
    while (bits.take(1) === 1) if (++back >= codes) throw damaged('names a code that it has not');
    const [code = 0] = recent.splice(back, 1);
    recent.unshift(code);
    selectors[i] = code;
  }
  return selectors;
};

const MAX_LENGTH = 20;

/** A prefix code, by the lengths of its code words. */
interface Code {
  readonly shortest: number;
  /** For each length, the first code word, 20 bits wide, that is longer. */
  readonly limits: Uint32Array;
  /** For each length, the difference between a code word and the index of its symbol. */
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
}

const readCode = (bits: Bits, symbols: number): Code => {
  const lengths = new Uint8Array(symbols);
  let length = bits.take(5);
  for (let i = 0; i < symbols; i++) {
    for (;;) {
      if (length < 1 || length > MAX_LENGTH) throw damaged('has a code of a wrong length');
      if (bits.take(1) === 0) break;
      length += bits.take(1) === 0 ? 1 : -1;
    }
    lengths[i] = length;
  }
  const order = [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  const limits = new Uint32Array(MAX_LENGTH + 1);
  const bases = new Int32Array(MAX_LENGTH + 1);
  let word = 0;
  let place = 0;
  for (let length = 1; length <= MAX_LENGTH; length++) {
    bases[length] = word - place;
    const those = lengths.reduce((sum, one) => sum + (one === length ? 1 : 0), 0);
    word += those;
    place += those;
    limits[length] = word * 2 ** (MAX_LENGTH - length);
    word *= 2;
  }
  return { shortest: lengths[order[0] ?? 0] ?? 1, limits, bases, symbols: Uint16Array.from(order) };
};

/** Reads one symbol. If too few bits remain, zeros are assumed after them. */
const readSymbol = (bits: Bits, { shortest, limits, bases, symbols }: Code): number => {
  const { bytes, at } = bits;
  const i = at >>> 3;
  const word = ((bytes[i] ?? 0) << 24) | ((bytes[i + 1] ?? 0) << 16) | ((bytes[i + 2] ?? 0) << 8) | (bytes[i + 3] ?? 0);
  const ahead = (word << (at & 7)) >>> (32 - MAX_LENGTH);
  let length = shortest;
  while (length <= MAX_LENGTH && ahead >= (limits[length] ?? 0)) length++;
  if (length > MAX_LENGTH) throw bits.left < MAX_LENGTH ? CUT_SHORT : damaged('has a code word that is none');
  bits.at = at + length;
  return symbols[(ahead >>> (MAX_LENGTH - length)) - (bases[length] ?? 0)] ?? 0;
};

interface Coding {
  readonly used: Uint8Array;
  readonly selectors: Uint8Array;
  readonly tables: readonly Code[];
}

const GROUP = 50;

/** Fills in the sorted text, one byte per position, and the number of occurrences of each byte; returns its size. */
const readSymbols = (
  bits: Bits,
  { used, selectors, tables }: Coding,
  sorted: Uint32Array,
  counts: Uint32Array,
): number => {
  const recent = Uint8Array.from(used);
  const end = used.length + 1;
  let size = 0;
  let run = 0;
  let weight = 1;
  for (const selector of selectors) {
    const code = tables[selector] as Code;
    for (let i = 0; i < GROUP; i++) {
      const symbol = readSymbol(bits, code);
      if (symbol < 2) {
        run += weight << symbol;
        weight *= 2;
        if (run > sorted.length) throw tooLong(bits);
        continue;
      }
      if (run > 0) {
        const byte = recent[0] ?? 0;
        if (size + run > sorted.length) throw tooLong(bits);
        sorted.fill(byte, size, size + run);
        counts[byte] = (counts[byte] ?? 0) + run;
        size += run;
        run = 0;
        weight = 1;
      }
      if (symbol === end) return whole(bits, size);
      const byte = toFront(recent, symbol - 1);
      if (size === sorted.length) throw tooLong(bits);
      counts[byte] = (counts[byte] ?? 0) + 1;
      sorted[size++] = byte;
    }
    whole(bits, size);
  }
  throw damaged('has no end');
};

/** Symbols can be read past the end of the input: then the block is incomplete. @throws CUT_SHORT */
const whole = (bits: Bits, size: number): number => {
  if (bits.left < 0) throw CUT_SHORT;
  return size;
};

const toFront = (recent: Uint8Array, place: number): number => {
  const byte = recent[place] ?? 0;
  // For the usual short distance, copyWithin costs more than the move itself.
  for (let i = place; i > 0; i--) recent[i] = recent[i - 1] ?? 0;
  recent[0] = byte;
  return byte;
};

const tooLong = (bits: Bits) => (bits.left < 0 ? CUT_SHORT : damaged('is longer than it says'));

/** Links each position of the sorted text to the one that follows it in the text; returns the first. */
const unsort = (bytes: Uint32Array, counts: Uint32Array, pointer: number): number => {
  const environment = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte++) environment[byte] = (environment[byte - 1] ?? 0) + (counts[byte - 1] ?? 0);
  for (let i = 0; i < bytes.length; i++) {
    const byte = (bytes[i] ?? 0) & 0xff;
    const place = environment[byte] ?? 0;
    environment[byte] = place + 1;
    bytes[place] = (bytes[place] ?? 0) | (i << 8);
  }
  return (bytes[pointer] ?? 0) >>> 8;
};
