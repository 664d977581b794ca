/** Fetches the snapshot of a backup into a file of the job's own and verifies each chunk, then the whole. */
import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { type Backup, openBackup } from '../../backup-format/backup.ts';
import { throttle } from '../../databases/throttle.ts';
import { Transient } from '../../jobs/kind.ts';
import { StorageError } from '../../storage/url.ts';
import { type FetchCheckpoint, PASSPHRASE, SECRET, type Steps, stepOf } from './details.ts';
import type { RestoreContext, RestoreTarget } from './port.ts';

/** This many chunks are in progress, and in memory, at the same time. */
const CHUNKS_AT_ONCE = 4;

/** Opens the backup, which must not have changed since the job was created. @throws StorageError */
export const openSource = async ({ work, io, directory }: RestoreContext): Promise<Backup> => {
  const { source, sha256 } = work.details;
  const cacheDir = path.join(directory.folder, 'parents');
  const url = work.secrets?.[SECRET] ?? source;
  const passphrase = work.secrets?.[PASSPHRASE] ?? null;
  const backup = await openBackup(url, io.environment, cacheDir, io.signal, passphrase);
  if (backup?.sha256 === sha256) return backup;
  throw new StorageError(`the backup at ${source} is not there as it was when the job was created`);
};

export async function* fetchSnapshot(
  context: RestoreContext,
  backup: Backup,
  { snapshotFile: file, verify }: Pick<RestoreTarget, 'snapshotFile' | 'verify'>,
): Steps {
  const { work, io, directory } = context;
  const { manifest } = backup;
  let checkpoint = directory.readCheckpoint<FetchCheckpoint>();
  if (checkpoint?.phase === 'whole' && existsSync(file)) return;
  // If the file is missing or too short, it is fetched again.
  if (checkpoint === null || checkpoint.phase === 'whole' || sizeOf(file) < checkpoint.bytes) checkpoint = NOTHING;
  await requireSpace(path.dirname(file), manifest.sizeBytes - checkpoint.bytes);
  directory.checkCurrent();
  const handle = openSync(file, existsSync(file) ? 'r+' : 'w+', 0o600);
  try {
    while (checkpoint.chunks < manifest.chunks.length) {
      io.signal.throwIfAborted();
      const startedAt = performance.now();
      const some: FetchCheckpoint = await fetchSome(context, backup, handle, checkpoint);
      const bytes = some.bytes - checkpoint.bytes;
      checkpoint = yield* save(context, some);
      const step = stepOf(work, checkpoint.bytes, 0, 'fetching chunks');
      yield step;
      yield* throttle({ bytes, startedAt, bytesPerSecond: work.details.maxBytesPerSecond }, step, io.signal);
    }
    directory.checkCurrent();
    ftruncateSync(handle, manifest.sizeBytes);
    fdatasyncSync(handle);
  } finally {
    closeSync(handle);
  }
  await verify(backup);
  yield* save(context, { ...checkpoint, phase: 'whole' });
}

const NOTHING: FetchCheckpoint = { phase: 'fetching', chunks: 0, bytes: 0 };

const save = ({ work, io, directory }: RestoreContext, checkpoint: FetchCheckpoint): Steps<FetchCheckpoint> =>
  directory.fenced(stepOf(work, checkpoint.bytes, 0, 'fetching chunks'), io.signal, () => checkpoint);

const fetchSome = async (
  { io, directory }: RestoreContext,
  backup: Backup,
  handle: number,
  checkpoint: FetchCheckpoint,
): Promise<FetchCheckpoint> => {
  const some = backup.manifest.chunks.slice(checkpoint.chunks, checkpoint.chunks + CHUNKS_AT_ONCE);
  const reads = some.map((chunk) => backup.read(chunk, io.signal));
  // Wait for all reads, so that none is in progress when one fails.
  await Promise.allSettled(reads);
  let { bytes } = checkpoint;
  for (const content of await Promise.all(reads)) {
    directory.checkCurrent();
    writeAll(handle, content, bytes);
    bytes += content.length;
  }
  // The data must survive a power failure before the checkpoint records it.
  fdatasyncSync(handle);
  return { ...checkpoint, bytes, chunks: checkpoint.chunks + some.length };
};

const writeAll = (handle: number, content: Buffer, offset: number) => {
  for (let written = 0; written < content.length; ) {
    written += writeSync(handle, content, written, content.length - written, offset + written);
  }
};

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const requireSpace = async (folder: string, needed: number) => {
  const { bavail, bsize } = await statfs(folder);
  if (needed <= bavail * bsize) return;
  const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
  throw new Transient(
    `disk is full: the snapshot of the backup needs ${mebibytes(needed)} MiB in the data folder, and ` +
      `${mebibytes(bavail * bsize)} MiB are free`,
  );
};
