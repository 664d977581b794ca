/** The decoders of Node. What follows the end of the data, which they ignore in part, is an error here. */
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, type Zlib } from 'node:zlib';
import { checkRest, trailing } from './faults.ts';

type Chunks = AsyncIterator<Uint8Array>;

const OPTIONS = { chunkSize: 128 * 1024 };

/** @throws Unreadable; errors of zlib */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const start: number[] = [];
  const noted = async function* () {
    for await (const chunk of chunks) {
      if (start.length < 3) start.push(...chunk.subarray(0, 3));
      yield chunk;
    }
  };
  try {
    yield* decoded(noted(), createGunzip(OPTIONS), 'gzip');
  } catch (error) {
    // The first header is valid: this is about what follows the end of a member.
    const isTrailing = HEADER_FAULT.test((error as Error).message) && start[0] === 0x1f && start[2] === 8;
    throw isTrailing ? trailing('gzip', null) : error;
  }
}

const HEADER_FAULT = /^(incorrect header check|unknown compression method)$/;

export const unbrotli = (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> =>
  decoded(chunks, createBrotliDecompress(OPTIONS), 'brotli');

async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  stream: Transform & Zlib,
  format: string,
): AsyncGenerator<Uint8Array, void, void> {
  const source = chunks[Symbol.asyncIterator]();
  try {
    const fed = feed(source, stream);
    // Its failure is also that of the stream, and is thrown where the stream is read.
    fed.catch(() => undefined);
    yield* stream;
    await checkRest(format, await fed, () => source.next());
  } finally {
    stream.destroy();
    await source.return?.();
  }
}

/** Writes chunk by chunk, until the decoder takes no more. Returns what it left of the last one. */
const feed = async (source: Chunks, stream: Transform & Zlib): Promise<Uint8Array> => {
  let bytes = 0;
  let settle: () => void = () => undefined;
  stream.once('close', () => settle());
  try {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      const { value } = next;
      bytes += value.length;
      await new Promise<void>((resolve) => {
        settle = resolve;
        stream.write(value, () => resolve());
      });
      if (bytes > stream.bytesWritten) return value.subarray(value.length - (bytes - stream.bytesWritten));
      if (stream.destroyed) return new Uint8Array();
    }
    stream.end();
  } catch (error) {
    stream.destroy(error as Error);
  }
  return new Uint8Array();
};
