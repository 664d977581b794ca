/**
 * Where a snapshot is cut into chunks: behind pages whose content says so, so that rows that come or go move no cut but
 * those beside them. A page is known by some of its bytes: changes of others leave it alike.
 */
import { readSync } from 'node:fs';
import { MAX_CHUNK_BYTES } from '../../backup-format/manifest.ts';
import type { Snapshot } from '../../databases/sqlite/snapshot.ts';

export interface Cut {
  readonly byte: number;
  readonly content: Buffer;
  /** Of the pages in it that rank first: chunks that have some of the same are alike. */
  readonly marks: readonly number[];
}

/** A snapshot, as far as it matters. */
type Cuttable = Pick<Snapshot, 'bytes' | 'pageSize'>;

const MIN_CHUNK_BYTES = 2 * 1024 * 1024;
/** On the average, behind the least. */
const MORE_BYTES = 2 * 1024 * 1024;
const READ_BYTES = 512 * 1024;
const SAMPLES = 32;
const MARKS = 4;

/** What `cutAt` needs to put a chunk in: kept for the next one, since so large a buffer is not soon given back. */
export const cutBuffer = (): Buffer => Buffer.allocUnsafeSlow(MAX_CHUNK_BYTES);

/** The chunk of a snapshot that begins at a byte; its content lies in the buffer. */
export const cutAt = (handle: number, byte: number, { bytes, pageSize }: Cuttable, buffer: Buffer): Cut => {
  const most = Math.min(MAX_CHUNK_BYTES, bytes - byte);
  const content = buffer.subarray(0, most);
  const words = new Int32Array(content.buffer, 0, Math.floor(most / 4));
  const pages: number[] = [];
  const isLast = MORE_BYTES / pageSize;
  let read = 0;
  for (let end = pageSize; end <= most; end += pageSize) {
    if (end > read) read += readAll(handle, content, read, Math.min(Math.max(READ_BYTES, pageSize), most - read), byte);
    const page = hashOf(words, (end - pageSize) / 4, pageSize / 4);
    pages.push(page);
    if (end >= MIN_CHUNK_BYTES && page % isLast === 0)
      return { byte, content: content.subarray(0, end), marks: marksOf(pages) };
  }
  return { byte, content, marks: marksOf(pages) };
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

const marksOf = (pages: readonly number[]): readonly number[] =>
  [...new Set(pages)].sort((a, b) => a - b).slice(0, MARKS);
