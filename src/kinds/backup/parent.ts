/** The parent of an incremental backup: finds the content that need not be stored again. */
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { type Backup, openBackup } from '../../backup-format/backup.ts';
import { compressWithDictionary } from '../../backup-format/delta.ts';
import { fenced } from '../../databases/sqlite/fenced.ts';
import type { Snapshot } from '../../databases/sqlite/snapshot.ts';
import { workDirOf } from '../../databases/sqlite/work-directory.ts';
import { StorageError } from '../../storage/url.ts';
import { type Align, aligner, type Known } from './align.ts';
import { cutAt } from './cut.ts';
import { type State, stepOf } from './details.ts';
import { type Job, type Steps, urlOf } from './job.ts';
import { snapshotFile } from './stage.ts';

export interface NewChunk {
  readonly content: Buffer;
  readonly sha256: string;
  readonly marks: readonly number[];
}

export interface Parent {
  readonly backup: Backup;
  has(sha256: string): boolean;
  /** Compresses the chunk with this index against chunks of the parent; null if that saves little. */
  compress(
    index: number,
    chunk: NewChunk,
    signal: AbortSignal,
  ): Promise<{ readonly stored: Buffer; readonly base: readonly string[] } | null>;
}

/** Null for a full backup. @throws StorageError if the parent is missing or has changed */
export async function* openParent(job: Job, snapshot: Snapshot, state: State, buffer: Buffer): Steps<Parent | null> {
  const { work, io } = job;
  const { incrementalFrom } = work.details;
  if (incrementalFrom === null) return null;
  const cacheDir = path.join(workDirOf(io.environment, work.claim.jobId), 'older');
  const url = urlOf(work, 'incrementalFrom', incrementalFrom.url);
  const backup = await openBackup(url, io.environment, cacheDir, io.signal);
  if (backup?.sha256 !== incrementalFrom.sha256) {
    throw new StorageError(`the backup at ${incrementalFrom.url} is not there as it was when the job was created`);
  }
  const cuts = yield* cutAll(job, snapshot, state, buffer);
  return compressor(backup, aligner(backup.manifest.chunks, cuts));
}

/** A larger ratio is not worth the work of decompression. */
const MOST_OF_PLAIN = 0.8;
/** A larger ratio causes a wider search for more similar chunks. */
const GOOD = 0.05;
/** After this many unsuccessful wide searches in a row, no more are made until a chunk compresses well. */
const VAIN = 3;

const compressor = (backup: Backup, align: Align): Parent => {
  let inVain = 0;
  const tryOn = async (chunk: NewChunk, base: readonly string[], signal: AbortSignal) => ({
    stored: compressWithDictionary(chunk.content, await backup.readBase(base, signal)),
    base,
  });
  return {
    backup,
    has: (sha256) => backup.find(sha256) !== undefined,
    compress: async (index, chunk, signal) => {
      const { length } = chunk.content;
      const narrow = align(index, false);
      let best = await tryOn(chunk, narrow, signal);
      if (best.stored.length <= GOOD * length) inVain = 0;
      else if (inVain < VAIN) {
        const wide = align(index, true);
        const other = String(wide) !== String(narrow) ? await tryOn(chunk, wide, signal) : best;
        inVain = other.stored.length < best.stored.length / 2 ? 0 : inVain + 1;
        if (other.stored.length < best.stored.length) best = other;
      }
      return best.stored.length < MOST_OF_PLAIN * length ? best : null;
    },
  };
};

/** Splits the whole snapshot before storing the first chunk: neighbours also help to find similar chunks. */
async function* cutAll(job: Job, snapshot: Snapshot, state: State, buffer: Buffer): Steps<readonly Known[]> {
  const { work, io, scratch } = job;
  const rows = scratch.sql.prepare('SELECT json FROM cuts ORDER BY n').pluck().all() as string[];
  const cuts = rows.map((json) => JSON.parse(json) as Known);
  let byte = cuts.reduce((sum, { bytes }) => sum + bytes, 0);
  const handle = openSync(snapshotFile(job), 'r');
  try {
    while (byte < snapshot.bytes) {
      io.signal.throwIfAborted();
      const from = cuts.length;
      for (let i = 0; i < 8 && byte < snapshot.bytes; i++) {
        const { content, marks } = cutAt(handle, byte, snapshot, buffer);
        const sha256 = createHash('sha256').update(content).digest('hex');
        cuts.push({ sha256, bytes: content.length, marks });
        byte += content.length;
      }
      const step = stepOf(work, state, 'comparing with the older backup');
      yield* fenced(scratch, work.claim, step, io.signal, () => {
        const note = scratch.sql.prepare('INSERT INTO cuts (n, json) VALUES (?, ?)');
        for (const [i, cut] of cuts.slice(from).entries()) note.run(from + i, JSON.stringify(cut));
      });
      yield step;
    }
    return cuts;
  } finally {
    closeSync(handle);
  }
}
