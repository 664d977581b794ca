/**
 * Stores the chunks of the snapshot, several at a time. A chunk that this backup or its parent already contains is only
 * referenced; one that resembles chunks of the parent is compressed against them.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { type Chunk, fileOf } from '../../backup-format/manifest.ts';
import { checkCurrent, fenced } from '../../databases/sqlite/fenced.ts';
import type { Snapshot } from '../../databases/sqlite/snapshot.ts';
import { type Cut, cutAt } from './cut.ts';
import { type State, stepOf } from './details.ts';
import type { Job, Steps } from './job.ts';
import type { NewChunk, Parent } from './parent.ts';
import { snapshotFile } from './stage.ts';

/** @param buffers one per chunk: this many chunks are in progress, and in memory, at the same time */
export async function* storeChunks(
  job: Job,
  snapshot: Snapshot,
  from: State,
  parent: Parent | null,
  buffers: readonly Buffer[],
): Steps<State> {
  const handle = openSync(snapshotFile(job), 'r');
  try {
    let state = from;
    while (state.byte < state.pictureBytes) {
      job.io.signal.throwIfAborted();
      const cuts = buffers.map((buffer) => (byte: number) => cutAt(handle, byte, snapshot, buffer));
      state = yield* storeSome(job, state, parent, cuts);
      yield stepOf(job.work, state, 'storing chunks');
    }
    return state;
  } finally {
    closeSync(handle);
  }
}

async function* storeSome(
  job: Job,
  from: State,
  parent: Parent | null,
  cuts: readonly ((byte: number) => Cut)[],
): Steps<State> {
  const { work, io, scratch } = job;
  const chunks: Chunk[] = [];
  const writes: Promise<void>[] = [];
  let { byte, bytesWritten, chunksReused } = from;
  try {
    for (const cut of cuts) {
      if (byte >= from.pictureBytes) break;
      const { content, marks } = cut(byte);
      const sha256 = createHash('sha256').update(content).digest('hex');
      const known = chunks.find((chunk) => chunk.sha256 === sha256) ?? find(job, sha256);
      const made =
        known === null ? await make(parent, from.chunks + chunks.length, { content, sha256, marks }, io.signal) : null;
      const chunk = made?.chunk ?? (known as Chunk);
      if (made?.stored) {
        checkCurrent(scratch, work.claim);
        writes.push(write(job, chunk, made.stored));
        bytesWritten += chunk.storedBytes;
      } else {
        chunksReused += 1;
      }
      chunks.push(chunk);
      byte += content.length;
    }
  } finally {
    // Wait for all writes, so that none is in progress when the job stops here.
    await Promise.allSettled(writes);
  }
  await Promise.all(writes);
  const state: State = { ...from, byte, bytesWritten, chunksReused, chunks: from.chunks + chunks.length };
  return yield* fenced(scratch, work.claim, stepOf(work, from, 'storing chunks'), io.signal, () => {
    const note = scratch.sql.prepare('INSERT INTO chunks (n, sha256, json) VALUES (?, ?, ?)');
    for (const [i, chunk] of chunks.entries()) note.run(from.chunks + i, chunk.sha256, JSON.stringify(chunk));
    return state;
  });
}

interface Made {
  readonly chunk: Chunk;
  /** Null if the parent contains the chunk. */
  readonly stored: Buffer | null;
}

const make = async (parent: Parent | null, index: number, given: NewChunk, signal: AbortSignal): Promise<Made> => {
  const { content, sha256 } = given;
  const plain = { sha256, bytes: content.length, base: [], marks: [...given.marks] };
  if (parent?.has(sha256)) return { chunk: { ...plain, stored: 'older', storedBytes: 0 }, stored: null };
  const delta = (await parent?.compress(index, given, signal)) ?? null;
  if (delta === null) return { chunk: { ...plain, stored: 'plain', storedBytes: content.length }, stored: content };
  const chunk: Chunk = { ...plain, stored: 'zstd', storedBytes: delta.stored.length, base: [...delta.base] };
  return { chunk, stored: delta.stored };
};

const write = (job: Job, chunk: Chunk, stored: Buffer): Promise<void> => {
  const written = job.folder.write(fileOf(chunk), [stored], job.io.signal);
  // The error is reported when all writes are awaited.
  written.catch(() => undefined);
  return written;
};

const find = ({ scratch }: Job, sha256: string): Chunk | null => {
  const json = scratch.sql.prepare('SELECT json FROM chunks WHERE sha256 = ? LIMIT 1').pluck().get(sha256);
  return json === undefined ? null : (JSON.parse(json as string) as Chunk);
};

export const storedChunks = ({ scratch }: Job): Chunk[] =>
  (scratch.sql.prepare('SELECT json FROM chunks ORDER BY n').pluck().all() as string[]).map(
    (json) => JSON.parse(json) as Chunk,
  );
