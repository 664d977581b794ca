/**
 * Messages of PostgreSQL's protocol, version 3: https://www.postgresql.org/docs/15/protocol-message-formats.html.
 * A client first sends packets without a type; then each message has a type, a length and a body.
 */
import { sqlError } from '../errors.ts';

export interface Message {
  /** Empty for a packet of the start. */
  readonly type: string;
  readonly body: Reader;
}

const LARGEST_START = 10_000;
const LARGEST_MESSAGE = 4 * 1_024 * 1_024;

/** Divides what a client sends into messages. @throws 08P01, 54000 for a length that cannot be */
export const createFrames = () => {
  let chunks: Buffer[] = [];
  let size = 0;
  let isStarted = false;
  const peek = (bytes: number): Buffer => {
    if ((chunks[0]?.length ?? 0) < bytes) chunks = [Buffer.concat(chunks)];
    return chunks[0] as Buffer;
  };
  const take = (bytes: number): Buffer => {
    const all = peek(bytes);
    const rest = all.subarray(bytes);
    if (rest.length === 0) chunks.shift();
    else chunks[0] = rest;
    size -= bytes;
    return all.subarray(0, bytes);
  };
  return {
    push: (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
    },
    /** After the packet with the protocol's version, messages have types. */
    start: () => {
      isStarted = true;
    },
    /** Whether bytes remain that are no message yet. */
    get hasRest() {
      return size > 0;
    },
    /** The next message; null: more bytes are needed. */
    next: (): Message | null => {
      const head = isStarted ? 5 : 4;
      if (size < head) return null;
      const bytes = peek(head);
      const length = bytes.readInt32BE(head - 4);
      const largest = isStarted ? LARGEST_MESSAGE : LARGEST_START;
      if (length < 4) throw sqlError('protocol', `invalid message length ${length}`);
      if (length > largest) throw sqlError('tooLong', `a message of ${length} bytes is longer than ${largest}`);
      if (size < head - 4 + length) return null;
      const type = isStarted ? String.fromCharCode(bytes[0] ?? 0) : '';
      const whole = take(head - 4 + length);
      return { type, body: createBodyReader(whole.subarray(head)) };
    },
  };
};

/** Reads a body from its start. @throws 08P01 for a body that is too short */
const createBodyReader = (bytes: Buffer) => {
  let at = 0;
  const need = (length: number) => {
    if (length < 0 || at + length > bytes.length) throw sqlError('protocol', 'invalid message format');
    at += length;
    return at - length;
  };
  return {
    get isEnd() {
      return at >= bytes.length;
    },
    int16: () => bytes.readInt16BE(need(2)),
    int32: () => bytes.readInt32BE(need(4)),
    byte: () => String.fromCharCode(bytes[need(1)] ?? 0),
    bytes: (length: number) => {
      const from = need(length);
      return bytes.subarray(from, from + length);
    },
    /** A text that ends with a NUL. */
    text: () => {
      const end = bytes.indexOf(0, at);
      if (end < 0) throw sqlError('protocol', 'invalid message format');
      const text = utf8(bytes.subarray(at, end));
      at = end + 1;
      return text;
    },
  };
};
export type Reader = ReturnType<typeof createBodyReader>;

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws 22021 */
export const utf8 = (bytes: Buffer): string => {
  try {
    return DECODER.decode(bytes);
  } catch {
    throw sqlError('invalidBytes', 'invalid byte sequence for encoding "UTF8"');
  }
};

export const int16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
export const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
export const uint32 = (value: number) => int32(value | 0);
export const text = (value: string) => Buffer.from(`${value.replaceAll('\0', '')}\0`);

export const message = (type: string, ...parts: readonly Buffer[]): Buffer => {
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  return Buffer.concat([Buffer.from(type, 'latin1'), int32(length), ...parts]);
};
