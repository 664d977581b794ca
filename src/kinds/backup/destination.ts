/** The destination of a backup: claimed with an in-progress marker, and released without a trace. */
import { existsSync } from 'node:fs';
import { type Found, findOwn, removeMarker, writeMarker } from '../../backup-format/in-progress-marker.ts';
import { type Chunk, fileOf, isChunkFile, MANIFEST, readManifest } from '../../backup-format/manifest.ts';
import { readCheckpoint } from '../../databases/sqlite/fence.ts';
import { checkCurrent, fenced } from '../../databases/sqlite/fenced.ts';
import type { Folder } from '../../storage/storage.ts';
import { StorageError } from '../../storage/url.ts';
import { PLACED, type State, stepOf } from './details.ts';
import type { Job, Steps } from './job.ts';
import { snapshotFile } from './stage.ts';

/** Claims the destination. Returns the state in the work directory, or the initial state if there is no usable one. */
export async function* takePlace(job: Job, found: Found): Steps<State> {
  const { work, io, folder, scratch } = job;
  const { claim, details } = work;
  const known = readCheckpoint<State>(scratch.sql, claim);
  const isWhole = known?.phase === 'placed' || (known !== null && existsSync(snapshotFile(job)));
  if (isWhole && found === 'begun') return known;
  // The work directory was lost or emptied: the state that it had is no longer valid.
  if (found === 'begun') yield* removeChunks(job, new Set());
  checkCurrent(scratch, claim);
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
  return yield* fenced(scratch, claim, stepOf(work, PLACED, 'beginning'), io.signal, () => {
    // The stored name `picture` cannot change: jobs that began under version 0.1.0 use it.
    for (const table of ['picture', 'cuts', 'chunks']) scratch.sql.exec(`DROP TABLE IF EXISTS ${table}`);
    scratch.sql.exec(`
      CREATE TABLE picture (json TEXT NOT NULL);
      CREATE TABLE cuts (n INTEGER PRIMARY KEY, json TEXT NOT NULL);
      CREATE TABLE chunks (n INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, json TEXT NOT NULL);
      CREATE INDEX chunksBySha256 ON chunks (sha256)`);
    return PLACED;
  });
}

/** Removes only the files that the job wrote. Its marker goes last: it reserves the destination until then. */
export async function* leavePlace(job: Job): Steps {
  const { work, io, folder, scratch } = job;
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
  const isOwn = found !== 'others' || readCheckpoint<State>(scratch.sql, claim) !== null;
  if (isOwn && kept !== 'all') yield* removeChunks(job, kept);
  if (found === 'complete') await folder.remove(MANIFEST, io.signal);
  checkCurrent(scratch, claim);
  await removeMarker(folder, claim.jobId, details.id, io.signal);
}

async function* removeChunks(job: Job, kept: ReadonlySet<string>): Steps {
  const { work, io, folder, scratch } = job;
  const names: string[] = [];
  for await (const name of folder.list('chunks/', io.signal))
    if (isChunkFile(name) && !kept.has(name)) names.push(name);
  for (const name of names) {
    io.signal.throwIfAborted();
    checkCurrent(scratch, work.claim);
    await folder.remove(name, io.signal);
    yield stepOf(work, PLACED, 'removing chunks');
  }
  // A process that was killed before its first chunk was complete leaves an empty folder of chunks. Removing a file in
  // it, even one that does not exist, removes the folder.
  await folder.remove(`chunks/${'0'.repeat(64)}`, io.signal);
}

/** The files of another backup that was written here in spite of the marker; 'all' if its manifest is unreadable. */
const filesOfManifest = async (folder: Folder, signal: AbortSignal): Promise<ReadonlySet<string> | 'all'> => {
  if ((await folder.stat(MANIFEST, signal)) === null) return new Set();
  try {
    const read = await readManifest(folder, signal);
    return new Set(read?.manifest.chunks.map((chunk: Chunk) => fileOf(chunk)));
  } catch (error) {
    if (error instanceof StorageError) return 'all';
    throw error;
  }
};
