/**
 * Splits a snapshot into chunks. The content of a page determines whether a chunk ends after it, so inserted or deleted
 * rows move only the nearest boundaries. The hash of a page covers only a sample of its bytes, so it ignores changes
 * elsewhere.
 */
import { readSync } from 'node:fs';
import { MAX_CHUNK_BYTES } from '../../backup-format/chunk.ts';
import type { Snapshot } from './port.ts';

export interface Cut {
  readonly content: Buffer;
  /** The fingerprints: the lowest hashes of its pages. Chunks with fingerprints in common are similar. */
  readonly fingerprints: readonly number[];
}

/** The properties of a snapshot that are needed here. */
type Cuttable = Pick<Snapshot, 'bytes' | 'pageSize'>;

const MIN_CHUNK_BYTES = 2 * 1024 * 1024;
/** The average, in addition to the minimum. */
const MORE_BYTES = 2 * 1024 * 1024;
const READ_BYTES = 512 * 1024;
const SAMPLES = 32;
const FINGERPRINTS = 4;

/** The buffer for a chunk of `cutAt`. It is reused, since memory of this size is not released soon. */
export const cutBuffer = (): Buffer => Buffer.allocUnsafeSlow(MAX_CHUNK_BYTES);

/** Returns the chunk of a snapshot that begins at a byte offset; its content is in the buffer. */
export const cutAt = (handle: number, offset: number, { bytes, pageSize }: Cuttable, buffer: Buffer): Cut => {
  const most = Math.min(MAX_CHUNK_BYTES, bytes - offset);
  const content = buffer.subarray(0, most);
  const words = new Int32Array(content.buffer, 0, Math.floor(most / 4));
  const pages: number[] = [];
  const isLast = MORE_BYTES / pageSize;
  let read = 0;
  for (let end = pageSize; end <= most; end += pageSize) {
    if (end > read)
      read += readAll(handle, content, read, Math.min(Math.max(READ_BYTES, pageSize), most - read), offset);
    const page = hashOf(words, (end - pageSize) / 4, pageSize / 4);
    pages.push(page);
    if (end >= MIN_CHUNK_BYTES && page % isLast === 0)
      return { content: content.subarray(0, end), fingerprints: fingerprintsOf(pages) };
  }
  return { content, fingerprints: fingerprintsOf(pages) };
};

const readAll = (handle: number, content: Buffer, from: number, bytes: number, at: number): number => {
  let done = 0;
  while (done < bytes) {
    const got = readSync(handle, content, from + done, bytes - done, at + from + done);
    if (got === 0) throw new Error('the snapshot is shorter than it was');
    done += got;
  }
  return done;
};

const hashOf = (words: Int32Array, from: number, count: number): number => {
  const stride = count / SAMPLES;
  let hash = 0;
  for (let i = 0; i < SAMPLES; i++) {
    hash = Math.imul(hash ^ (words[from + i * stride + ((i * 7) % stride)] ?? 0), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
};

const fingerprintsOf = (pages: readonly number[]): readonly number[] =>
  [...new Set(pages)].sort((a, b) => a - b).slice(0, FINGERPRINTS);
