/** The destination of a backup: claimed with an in-progress marker, and released without a trace. */

import { isChunkFile } from '../../backup-format/chunk.ts';
import { type Found, findOwn, removeMarker, writeMarker } from '../../backup-format/in-progress-marker.ts';
import { MANIFEST, readHead } from '../../backup-format/manifest.ts';
import { removeNeed, writeNeed } from '../../backup-format/needed-by.ts';
import type { Folder } from '../../storage/storage.ts';
import { StorageError } from '../../storage/url.ts';
import { type BackupCheckpoint, type Job, MARKED, readCheckpoint, type Steps, stepOf, urlOf } from './details.ts';
import { removalList } from './keep.ts';
import { cutList } from './parent.ts';
import { hasSnapshot } from './stage.ts';
import { chunkList } from './store-chunks.ts';

/** Claims the destination. Returns the checkpoint in the work directory, or the initial one if none is usable. */
export async function* claimDestination(job: Job, found: Found): Steps<BackupCheckpoint> {
  const { work, io, folder, directory } = job;
  const { claim, details } = work;
  const saved = readCheckpoint(directory);
  const isUsable = saved?.phase === 'marked' || (saved !== null && hasSnapshot(directory));
  if (isUsable && found === 'begun') return saved;
  // The work directory was lost or emptied: the checkpoint that it had is no longer valid.
  if (found === 'begun') yield* removeChunks(job, new Set());
  directory.checkCurrent();
  const { id, database, incrementalFrom } = details;
  const createdAt = new Date().toISOString();
  await writeMarker(
    folder,
    claim.jobId,
    { id, database, createdAt, incrementalFrom: incrementalFrom?.url ?? null },
    io.signal,
  );
  // If two jobs began at the same time, each finds the other's marker now.
  await findOwn(folder, claim.jobId, id, io.signal);
  if (incrementalFrom !== null) yield* noteNeed(job, incrementalFrom.url);
  return yield* directory.fenced(stepOf(work, MARKED, 'beginning'), io.signal, () => {
    cutList(directory).create();
    chunkList(directory).create();
    removalList(job).create();
    return MARKED;
  });
}

/** Keeps the parent from being removed. One that cannot be written to is not removed by this server either. */
async function* noteNeed({ work, io, folder }: Job, parent: string): Steps {
  if (/^https?:/i.test(parent)) return;
  const destination = urlOf(work, 'destination', work.details.destination);
  try {
    const child = { url: destination, shown: folder.url };
    await writeNeed({ url: parent, id: work.details.id }, child, io.environment, io.signal);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const message = `the parent at ${parent} cannot be marked as needed: remove it by hand only after this backup`;
    yield { ...stepOf(work, MARKED, 'beginning'), warnings: [message] };
  }
}

/** Removes only the files that the job wrote. Its marker goes last: it reserves the destination until then. */
export async function* releaseDestination(job: Job): Steps {
  const { work, io, folder, directory } = job;
  const { claim, details } = work;
  let found: Found | 'others' = 'nothing';
  let kept: ReadonlySet<string> | 'all' = new Set();
  try {
    found = await findOwn(folder, claim.jobId, details.id, io.signal);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    found = 'others';
    kept = await filesOfManifest(folder, io.signal);
  }
  if (found === 'nothing') return;
  // If another backup was there first, only the marker is the job's. A checkpoint in the work directory proves that the
  // job had gone further.
  const isOwn = found !== 'others' || readCheckpoint(directory) !== null;
  if (isOwn && kept !== 'all') yield* removeChunks(job, kept);
  if (found === 'complete') await folder.remove(MANIFEST, io.signal);
  directory.checkCurrent();
  if (details.incrementalFrom !== null) {
    const destination = urlOf(work, 'destination', details.destination);
    await removeNeed({ url: details.incrementalFrom.url, id: details.id }, destination, io.environment, io.signal);
  }
  await removeMarker(folder, claim.jobId, details.id, io.signal);
}

async function* removeChunks(job: Job, kept: ReadonlySet<string>): Steps {
  const { work, io, folder, directory } = job;
  const names: string[] = [];
  for await (const name of folder.list('chunks/', io.signal))
    if (isChunkFile(name) && !kept.has(name)) names.push(name);
  for (const name of names) {
    io.signal.throwIfAborted();
    directory.checkCurrent();
    await folder.remove(name, io.signal);
    yield stepOf(work, MARKED, 'removing chunks');
  }
  // A process that was killed before its first chunk was complete leaves an empty folder of chunks. Removing a file in
  // it, even one that does not exist, removes the folder.
  await folder.remove(`chunks/${'0'.repeat(64)}`, io.signal);
}

/** The files of another backup that was written here in spite of the marker; 'all' if its manifest is unreadable. */
const filesOfManifest = async (folder: Folder, signal: AbortSignal): Promise<ReadonlySet<string> | 'all'> => {
  if ((await folder.stat(MANIFEST, signal)) === null) return new Set();
  try {
    const head = await readHead(folder, signal);
    return new Set(head?.files.map(({ name }) => name));
  } catch (error) {
    if (error instanceof StorageError) return 'all';
    throw error;
  }
};
