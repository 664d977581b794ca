/**
 * Executes a backup: its in-progress marker at the destination, the snapshot in its work directory, its chunks, the
 * manifest. The checkpoint in the work directory, never the progress that is shown, determines where to resume. The
 * work directory is removed when the job has ended.
 */

import { findOwn, removeMarker } from '../../backup-format/in-progress-marker.ts';
import { MANIFEST, type Manifest, manifestText } from '../../backup-format/manifest.ts';
import { withWorkDirectory } from '../../databases/work-directory.ts';
import type { Io } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/open.ts';
import { cutBuffer } from './cut.ts';
import { claimDestination, releaseDestination } from './destination.ts';
import { type BackupWork, type Job, MARKED, type Steps, type StoringJob, sealingOf, stepOf, urlOf } from './details.ts';
import { creatorMark, removeOlder } from './keep.ts';
import { openParent, type Parent } from './parent.ts';
import type { Snapshot } from './port.ts';
import { readSnapshot, stageSnapshot } from './stage.ts';
import { storeChunks, storedChunks } from './store-chunks.ts';

export const run = (work: BackupWork, io: Io): Steps =>
  withJob(work, io, async function* (job) {
    yield* backUp({ ...job, sealing: await sealingOf(work) });
  });

/** Reverts the backup. The remaining work is read from the destination, so revert can be stopped and repeated. */
export const revert = (work: BackupWork, io: Io): Steps => withJob(work, io, releaseDestination);

const withJob = (work: BackupWork, io: Io, use: (job: Job) => Steps): Steps =>
  withWorkDirectory(io.environment, work.claim, (directory) => {
    const folder = openFolder(urlOf(work, 'destination', work.details.destination), io.environment);
    return use({ work, io, folder, directory });
  });

async function* backUp(job: StoringJob): Steps {
  const { work, io, folder, directory } = job;
  const { claim, details } = work;
  const found = await findOwn(folder, claim.jobId, details.id, io.signal);
  if (found === 'complete') {
    await removeMarker(folder, claim.jobId, details.id, io.signal);
    return yield* removeOlder(job);
  }
  yield stepOf(work, MARKED, 'beginning');
  let checkpoint = yield* claimDestination(job, found);
  if (checkpoint.phase === 'marked') checkpoint = yield* stageSnapshot(job);
  const snapshot = readSnapshot(directory);
  yield { ...stepOf(work, checkpoint, 'storing chunks'), warnings: snapshot.warnings ?? [] };
  const buffers = Array.from({ length: details.incrementalFrom === null ? 4 : 2 }, cutBuffer);
  const parent = yield* openParent(job, snapshot, checkpoint, buffers[0] as Buffer);
  checkpoint = yield* storeChunks(job, snapshot, checkpoint, parent, buffers);
  yield { ...stepOf(work, checkpoint, 'writing the manifest'), commit: true };
  directory.checkCurrent();
  const text = manifestText(manifestOf(job, snapshot, parent), job.sealing);
  await folder.write(MANIFEST, [Buffer.from(text)], io.signal);
  await removeMarker(folder, claim.jobId, details.id, io.signal);
  yield* removeOlder(job);
}

const manifestOf = (job: Job, snapshot: Snapshot, parent: Parent | null): Manifest => {
  const { id, database, isAll, incrementalFrom } = job.work.details;
  const { at, bytes, pageSize, encoding, tables, statements } = snapshot;
  return {
    program: 'signalbox',
    id,
    createdBy: creatorMark(job.work, job.io.environment.creator),
    createdAt: new Date(at).toISOString(),
    database,
    pageSize,
    encoding,
    sizeBytes: bytes,
    tables: tables.map(({ name, rows, shadowOf = null }) => ({ name, rows, shadowOf })),
    isPartial: !isAll,
    statements: [...statements],
    generation: parent === null ? 0 : parent.backup.manifest.generation + 1,
    incrementalFrom,
    chunks: storedChunks(job.directory),
  };
};
