/**
 * Executes a backup: its in-progress marker at the destination, the snapshot in its work directory, its chunks, the
 * manifest. The state in the work directory, never a checkpoint, determines where to resume. The work directory is
 * removed when the job has ended.
 */

import { findOwn, removeMarker } from '../../backup-format/in-progress-marker.ts';
import { MANIFEST, type Manifest, manifestText } from '../../backup-format/manifest.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { checkCurrent } from '../../databases/sqlite/fenced.ts';
import type { Snapshot } from '../../databases/sqlite/snapshot.ts';
import { openWorkDir } from '../../databases/sqlite/work-directory.ts';
import type { Io, Work } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/open.ts';
import { cutBuffer } from './cut.ts';
import { leavePlace, takePlace } from './destination.ts';
import { type Checkpoint, type Details, PLACED, stepOf } from './details.ts';
import { type Job, type Steps, urlOf } from './job.ts';
import { openParent, type Parent } from './parent.ts';
import { readSnapshot, stageSnapshot } from './stage.ts';
import { storeChunks, storedChunks } from './store.ts';

export async function* run(work: Work<Details, Checkpoint | null>, io: Io): Steps {
  yield* withJob(work, io, make);
}

/** Reverts the backup. The remaining work is read from the destination, so revert can be stopped and repeated. */
export async function* revert(work: Work<Details, Checkpoint | null>, io: Io): Steps {
  yield* withJob(work, io, leavePlace);
}

async function* withJob(work: Work<Details, Checkpoint | null>, io: Io, use: (job: Job) => Steps): Steps {
  const { claim, details } = work;
  const scratch = openWorkDir(io.environment, claim.jobId);
  try {
    const folder = openFolder(urlOf(work, 'destination', details.destination), io.environment);
    yield* use({ work, io, folder, scratch });
  } catch (error) {
    throw failureOf(error, scratch.name);
  } finally {
    scratch.close();
  }
}

async function* make(job: Job): Steps {
  const { work, io, folder } = job;
  const { claim, details } = work;
  const found = await findOwn(folder, claim.jobId, details.id, io.signal);
  if (found === 'complete') return removeMarker(folder, claim.jobId, details.id, io.signal);
  yield stepOf(work, PLACED, 'beginning');
  let state = yield* takePlace(job, found);
  if (state.phase === 'placed') state = yield* stageSnapshot(job);
  yield stepOf(work, state, 'storing chunks');
  const snapshot = readSnapshot(job);
  const buffers = Array.from({ length: details.incrementalFrom === null ? 4 : 2 }, cutBuffer);
  const parent = yield* openParent(job, snapshot, state, buffers[0] as Buffer);
  state = yield* storeChunks(job, snapshot, state, parent, buffers);
  yield { ...stepOf(work, state, 'writing the manifest'), commit: true };
  checkCurrent(job.scratch, claim);
  const text = manifestText(manifestOf(job, snapshot, parent));
  await folder.write(MANIFEST, [Buffer.from(text)], io.signal);
  await removeMarker(folder, claim.jobId, details.id, io.signal);
}

const manifestOf = (job: Job, snapshot: Snapshot, parent: Parent | null): Manifest => {
  const { id, database, incrementalFrom } = job.work.details;
  const { at, bytes, pageSize, encoding, tables, statements } = snapshot;
  return {
    program: 'signalbox',
    id,
    createdAt: new Date(at).toISOString(),
    database,
    pageSize,
    encoding,
    sizeBytes: bytes,
    tables: [...tables],
    statements: [...statements],
    generation: parent === null ? 0 : parent.backup.manifest.generation + 1,
    incrementalFrom,
    chunks: storedChunks(job),
  };
};
