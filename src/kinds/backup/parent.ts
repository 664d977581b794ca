/** The parent of an incremental backup: finds the content that need not be stored again. */
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { type Backup, openBackup } from '../../backup-format/backup.ts';
import { compressWithDictionary } from '../../backup-format/delta.ts';
import type { List, WorkDirectory } from '../../databases/work-directory.ts';
import { redact, StorageError } from '../../storage/url.ts';
import { type Align, aligner, type Known } from './align.ts';
import { cutAt } from './cut.ts';
import { type BackupCheckpoint, type Job, PASSPHRASE, type Steps, stepOf, urlOf } from './details.ts';
import type { Snapshot } from './port.ts';
import { snapshotFile } from './stage.ts';

export interface NewChunk {
  readonly content: Buffer;
  readonly sha256: string;
  readonly fingerprints: readonly number[];
}

export interface Parent {
  readonly backup: Backup;
  has(sha256: string): boolean;
  /** Compresses the chunk with this index against chunks of the parent; null if that saves little. */
  compress(
    index: number,
    chunk: NewChunk,
    signal: AbortSignal,
  ): Promise<{ readonly stored: Buffer; readonly dictionary: readonly string[] } | null>;
}

/** Null for a full backup. @throws StorageError if the parent is missing or has changed */
export async function* openParent(
  job: Job,
  snapshot: Snapshot,
  checkpoint: BackupCheckpoint,
  buffer: Buffer,
): Steps<Parent | null> {
  const { work, io, directory } = job;
  const { incrementalFrom } = work.details;
  if (incrementalFrom === null) return null;
  const cacheDir = path.join(directory.folder, 'parents');
  const url = urlOf(work, 'incrementalFrom', incrementalFrom.url);
  const passphrase = work.secrets?.[PASSPHRASE] ?? null;
  const backup = await openBackup(url, io.environment, cacheDir, io.signal, passphrase);
  if (backup?.sha256 !== incrementalFrom.sha256) {
    throw new StorageError(
      `the backup at ${redact(incrementalFrom.url)} is not there as it was when the job was created`,
    );
  }
  const cuts = yield* cutAll(job, snapshot, checkpoint, buffer);
  return compressor(backup, aligner(backup.manifest.chunks, cuts));
}

/** A larger ratio is not worth the work of decompression. */
const MAX_RATIO = 0.8;
/** A larger ratio causes a wider search for more similar chunks. */
const GOOD_RATIO = 0.05;
/** After this many unsuccessful wide searches in a row, no more are made until a chunk compresses well. */
const MAX_FAILED_SEARCHES = 3;

const compressor = (backup: Backup, align: Align): Parent => {
  let failedSearches = 0;
  const compress = async (chunk: NewChunk, dictionary: readonly string[], signal: AbortSignal) => ({
    stored: compressWithDictionary(chunk.content, await backup.readDictionary(dictionary, signal)),
    dictionary,
  });
  return {
    backup,
    has: (sha256) => backup.find(sha256) !== undefined,
    compress: async (index, chunk, signal) => {
      const { length } = chunk.content;
      const narrow = align(index, false);
      let best = await compress(chunk, narrow, signal);
      if (best.stored.length <= GOOD_RATIO * length) failedSearches = 0;
      else if (failedSearches < MAX_FAILED_SEARCHES) {
        const wide = align(index, true);
        const other = String(wide) !== String(narrow) ? await compress(chunk, wide, signal) : best;
        failedSearches = other.stored.length < best.stored.length / 2 ? 0 : failedSearches + 1;
        if (other.stored.length < best.stored.length) best = other;
      }
      return best.stored.length < MAX_RATIO * length ? best : null;
    },
  };
};

/** Splits the whole snapshot before storing the first chunk: neighbours also help to find similar chunks. */
async function* cutAll(
  { work, io, directory }: Job,
  snapshot: Snapshot,
  checkpoint: BackupCheckpoint,
  buffer: Buffer,
): Steps<readonly Known[]> {
  const list = cutList(directory);
  const cuts = list.all().map(({ marks, ...cut }): Known => ({ ...cut, fingerprints: marks }));
  let offset = cuts.reduce((sum, { bytes }) => sum + bytes, 0);
  const handle = openSync(snapshotFile(directory), 'r');
  try {
    while (offset < snapshot.bytes) {
      io.signal.throwIfAborted();
      const added: Known[] = [];
      while (added.length < CUTS_AT_ONCE && offset < snapshot.bytes) {
        const { content, fingerprints } = cutAt(handle, offset, snapshot, buffer);
        const sha256 = createHash('sha256').update(content).digest('hex');
        added.push({ sha256, bytes: content.length, fingerprints });
        offset += content.length;
      }
      const step = stepOf(work, checkpoint, 'comparing with the parent');
      yield* directory.fenced(step, io.signal, () =>
        list.append(added.map(({ fingerprints, ...cut }) => ({ ...cut, marks: fingerprints }))),
      );
      cuts.push(...added);
      yield step;
    }
    return cuts;
  } finally {
    closeSync(handle);
  }
}

const CUTS_AT_ONCE = 8;

/** A cut as it is stored: the name `marks` predates the term fingerprints. */
interface StoredCut extends Omit<Known, 'fingerprints'> {
  readonly marks: readonly number[];
}

/** The cuts that are known so far, in order. */
export const cutList = (directory: WorkDirectory): List<StoredCut> => directory.list({ name: 'cuts' });
