/**
 * Stores the chunks of the snapshot, several at a time. A chunk that this backup or its parent already contains is only
 * referenced; one that resembles chunks of the parent is compressed against them.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { type Chunk, chunkOf, fileOf, type StoredChunk, storedChunk } from '../../backup-format/chunk.ts';
import { throttle } from '../../databases/throttle.ts';
import type { List, WorkDirectory } from '../../databases/work-directory.ts';
import { type Cut, cutAt } from './cut.ts';
import { type BackupCheckpoint, type Steps, type StoringJob, stepOf } from './details.ts';
import type { NewChunk, Parent } from './parent.ts';
import type { Snapshot } from './port.ts';
import { snapshotFile } from './stage.ts';

/** @param buffers one per chunk: this many chunks are in progress, and in memory, at the same time */
export async function* storeChunks(
  job: StoringJob,
  snapshot: Snapshot,
  from: BackupCheckpoint,
  parent: Parent | null,
  buffers: readonly Buffer[],
): Steps<BackupCheckpoint> {
  const handle = openSync(snapshotFile(job.directory), 'r');
  try {
    const bytesPerSecond = job.work.details.maxBytesPerSecond;
    let checkpoint = from;
    while (checkpoint.offset < checkpoint.snapshotBytes) {
      job.io.signal.throwIfAborted();
      const before = { startedAt: performance.now(), bytes: checkpoint.bytesWritten };
      const cuts = buffers.map((buffer) => (offset: number) => cutAt(handle, offset, snapshot, buffer));
      checkpoint = yield* storeSome(job, checkpoint, parent, cuts);
      const step = stepOf(job.work, checkpoint, 'storing chunks');
      yield step;
      const moved = { ...before, bytes: checkpoint.bytesWritten - before.bytes, bytesPerSecond };
      yield* throttle(moved, step, job.io.signal);
    }
    return checkpoint;
  } finally {
    closeSync(handle);
  }
}

async function* storeSome(
  job: StoringJob,
  from: BackupCheckpoint,
  parent: Parent | null,
  cuts: readonly ((offset: number) => Cut)[],
): Steps<BackupCheckpoint> {
  const { work, io, directory } = job;
  const list = chunkList(directory);
  const chunks: Chunk[] = [];
  const writes: Promise<void>[] = [];
  let { offset, bytesWritten, chunksReused } = from;
  try {
    for (const cut of cuts) {
      if (offset >= from.snapshotBytes) break;
      const { content, fingerprints } = cut(offset);
      const sha256 = createHash('sha256').update(content).digest('hex');
      const known = chunks.find((chunk) => chunk.sha256 === sha256) ?? find(list, sha256);
      const newChunk = { content, sha256, fingerprints };
      const made = known === null ? await make(job, parent, from.chunks + chunks.length, newChunk) : null;
      const chunk = made?.chunk ?? (known as Chunk);
      if (made?.stored) {
        directory.checkCurrent();
        writes.push(write(job, chunk, made.stored));
        bytesWritten += chunk.storedBytes;
      } else {
        chunksReused += 1;
      }
      chunks.push(chunk);
      offset += content.length;
    }
  } finally {
    // Wait for all writes, so that none is in progress when the job stops here.
    await Promise.allSettled(writes);
  }
  await Promise.all(writes);
  const checkpoint = { ...from, offset, bytesWritten, chunksReused, chunks: from.chunks + chunks.length };
  return yield* directory.fenced(stepOf(work, from, 'storing chunks'), io.signal, () => {
    list.append(chunks.map(storedChunk));
    return checkpoint;
  });
}

interface Made {
  readonly chunk: Chunk;
  /** Null if the parent contains the chunk. */
  readonly stored: Buffer | null;
}

const make = async (
  { sealing, io: { signal } }: StoringJob,
  parent: Parent | null,
  index: number,
  newChunk: NewChunk,
): Promise<Made> => {
  const { content, sha256 } = newChunk;
  const plain = { sha256, bytes: content.length, dictionary: [], fingerprints: [...newChunk.fingerprints] };
  if (parent?.has(sha256)) return { chunk: { ...plain, stored: 'parent', storedBytes: 0 }, stored: null };
  const delta = (await parent?.compress(index, newChunk, signal)) ?? null;
  const stored = delta?.stored ?? content;
  const chunk: Chunk = {
    ...plain,
    stored: delta === null ? 'plain' : 'zstd',
    storedBytes: stored.length + sealing.overheadBytes,
    dictionary: [...(delta?.dictionary ?? [])],
  };
  return { chunk, stored };
};

const write = ({ folder, sealing, io }: StoringJob, chunk: Chunk, stored: Buffer): Promise<void> => {
  const file = fileOf(chunk, sealing);
  const written = folder.write(file, [sealing.seal(stored, file)], io.signal);
  // The error is reported when all writes are awaited.
  written.catch(() => undefined);
  return written;
};

/** The chunks that are stored so far, in order, as the manifest will have them. */
export const chunkList = (directory: WorkDirectory): List<StoredChunk> =>
  directory.list<StoredChunk>({ name: 'chunks', key: 'sha256' });

const find = (list: List<StoredChunk>, sha256: string): Chunk | null => {
  const stored = list.find(sha256);
  return stored === null ? null : chunkOf(stored);
};

export const storedChunks = (directory: WorkDirectory): Chunk[] => chunkList(directory).all().map(chunkOf);
