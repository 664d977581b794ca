/** Finds where a JSON value ends, without parsing it. */
export const RECORD_SEPARATOR = 0x1e;

const [QUOTE, BACKSLASH, OPEN_OBJECT, OPEN_ARRAY, CLOSE_OBJECT, CLOSE_ARRAY] = Buffer.from(
  '"\\{[}]',
) as unknown as readonly [number, number, number, number, number, number];

const SEPARATORS = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2c, RECORD_SEPARATOR]);

/** White space, a comma or a record separator. */
export const isSeparator = (byte: number): boolean => SEPARATORS.has(byte);

/**
 * The index after the value that begins at `start`; null if it may go on behind these bytes. A record separator ends
 * any value, since none can contain it.
 */
export const endOfValue = (bytes: Buffer, start: number): number | null => {
  const first = bytes[start];
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return endOfNest(bytes, start);
  if (first === QUOTE) return endOfString(bytes, start);
  if (first === CLOSE_OBJECT || first === CLOSE_ARRAY) return start + 1;
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isSeparator(byte) || byte === QUOTE || isBracket(byte)) return at;
  }
  return null;
};

const isBracket = (byte: number) =>
  byte === OPEN_OBJECT || byte === OPEN_ARRAY || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY;

const endOfNest = (bytes: Buffer, start: number): number | null => {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = endOfString(bytes, at);
      if (end === null || bytes[end - 1] !== QUOTE) return end;
      at = end - 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (byte === RECORD_SEPARATOR) return at;
  }
  return null;
};

const endOfString = (bytes: Buffer, start: number): number | null => {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH && bytes[at + 1] !== RECORD_SEPARATOR) at += 1;
    else if (byte === RECORD_SEPARATOR) return at;
  }
  return null;
};
