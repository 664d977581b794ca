/** Reads a source window by window, each from the beginning of a row, in bounded memory. */

/** Where a parse begins; {byte: 0, line: 1} for a whole source. `byte` counts decompressed bytes in UTF-8; rows in Parquet. */
export interface Offset {
  readonly byte: number;
  readonly line: number;
}

/** Yields the complete rows of a window, or all of its rows if it is the last. Returns the position after them. */
export type ParseWindow<B> = (bytes: Buffer, from: Offset, last: boolean) => Generator<B, Offset, void>;

export const MAX_ROW_BYTES = 16 * 1024 * 1024;
const WINDOW_BYTES = 256 * 1024;
// Rows of a slow source are returned after this time, at its next chunk, rather than when a window is full.
const SLOW_SOURCE_MS = 100;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** The length of the byte order mark at the beginning of a source; 0 anywhere else. */
export const bomIn = (bytes: Buffer, { byte }: Offset): number =>
  byte === 0 && bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;

/** Holds in memory one window or twice the longest row. */
export async function* readWindows<B>(
  chunks: AsyncIterable<Uint8Array>,
  from: Offset,
  parse: ParseWindow<B>,
  windowBytes = WINDOW_BYTES,
): AsyncGenerator<B, void, void> {
  let offset = from;
  let window = Buffer.allocUnsafeSlow(windowBytes);
  let filled = 0;
  let carried = 0;
  let scannedAt = performance.now();

  for await (const chunk of chunks) {
    for (let used = 0; used < chunk.length; ) {
      const part = chunk.subarray(used, used + window.length - filled);
      window.set(part, filled);
      filled += part.length;
      used += part.length;
      const late = performance.now() - scannedAt >= SLOW_SOURCE_MS;
      // An incomplete row is parsed again from its beginning, so wait until twice as much of it has been read.
      if (filled < window.length && !(late && filled >= 2 * carried)) continue;

      const base: number = offset.byte;
      offset = yield* parse(window.subarray(0, filled), offset, false);
      const rest = window.subarray(offset.byte - base, filled);
      carried = rest.length;
      // Always a new buffer: blocks that were returned still point into the old one.
      window = Buffer.allocUnsafeSlow(Math.max(windowBytes, 2 * carried));
      window.set(rest);
      filled = carried;
      scannedAt = performance.now();
    }
  }
  yield* parse(window.subarray(0, filled), offset, true);
}
