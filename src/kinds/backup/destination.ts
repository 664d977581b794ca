/** The place of a backup: taken by its mark, and given back without a trace. */
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

/** How far the job is: at its beginning, unless its folder says otherwise. */
export async function* takePlace(job: Job, found: Found): Steps<State> {
  const { work, io, folder, scratch } = job;
  const { claim, details } = work;
  const known = readCheckpoint<State>(scratch.sql, claim);
  const isWhole = known?.phase === 'placed' || (known !== null && existsSync(snapshotFile(job)));
  if (isWhole && found === 'begun') return known;
  // Of a folder that was lost, or emptied: what it said is not true any more.
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
  // Two that begin at once see each other's mark now.
  await findOwn(folder, claim.jobId, id, io.signal);
  return yield* fenced(scratch, claim, stepOf(work, PLACED, 'beginning'), io.signal, () => {
    // A name that is stored: jobs that began under version 0.1.0 have it.
    for (const table of ['picture', 'cuts', 'chunks']) scratch.sql.exec(`DROP TABLE IF EXISTS ${table}`);
    scratch.sql.exec(`
      CREATE TABLE picture (json TEXT NOT NULL);
      CREATE TABLE cuts (n INTEGER PRIMARY KEY, json TEXT NOT NULL);
      CREATE TABLE chunks (n INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, json TEXT NOT NULL);
      CREATE INDEX chunksBySha256 ON chunks (sha256)`);
    return PLACED;
  });
}

/** Removes what the job wrote, and nothing else's. Its mark goes last: as long as it is there, the place is the job's. */
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
  // Where somebody else was first, nothing but the mark is the job's: that it came so far, its folder says.
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
  // A process that was killed before its first chunk was complete has left the folder of the chunks, which goes with
  // what it holds: a file that does not exist is enough.
  await folder.remove(`chunks/${'0'.repeat(64)}`, io.signal);
}

/** What a backup of somebody else's consists of that was put there in spite of the mark; all, when it does not say. */
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
