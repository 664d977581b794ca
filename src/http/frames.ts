/**
 * WebSocket frames of text messages, unmasked and uncompressed (RFC 6455, section 5.2). What one commit brings to a
 * subscription is written at once, and the part that all subscriptions share is encoded only once.
 */

/** A frame for each of these messages, with the same head and tail around each. */
export const framesOf = (head: Buffer, messages: readonly Buffer[], tail: Buffer): Buffer => {
  const around = head.length + tail.length;
  let size = 0;
  for (const message of messages) size += headerLength(around + message.length) + around + message.length;
  const frames = Buffer.allocUnsafe(size);
  let at = 0;
  for (const message of messages) {
    at = writeHeader(frames, at, around + message.length);
    frames.set(head, at);
    frames.set(message, at + head.length);
    frames.set(tail, at + head.length + message.length);
    at += around + message.length;
  }
  return frames;
};

/** The last frame of a message, which is text. */
const FINAL_TEXT = 0x81;
/** Longer messages have their length in 16 bits, then in 64. */
const LONGEST_SHORT = 125;
const LONGEST_MEDIUM = 65_535;

const headerLength = (length: number): number => (length <= LONGEST_SHORT ? 2 : length <= LONGEST_MEDIUM ? 4 : 10);

const writeHeader = (frames: Buffer, at: number, length: number): number => {
  frames[at] = FINAL_TEXT;
  if (length <= LONGEST_SHORT) {
    frames[at + 1] = length;
  } else if (length <= LONGEST_MEDIUM) {
    frames[at + 1] = 126;
    frames.writeUInt16BE(length, at + 2);
  } else {
    frames[at + 1] = 127;
    frames.writeBigUInt64BE(BigInt(length), at + 2);
  }
  return at + headerLength(length);
};
