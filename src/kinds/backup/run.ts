/**
 * The work of a backup: its mark at the destination, the picture in its own folder, its chunks, the manifest. Where to
 * go on is read from its folder, never from a checkpoint; where that was lost, it begins from nothing.
 */

import { findOwn, removeMark } from '../../backup-format/in-progress-marker.ts';
import { MANIFEST, type Manifest, manifestText } from '../../backup-format/manifest.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { checkEpoch, stateWriter } from '../../databases/sqlite/fence.ts';
import type { Picture } from '../../databases/sqlite/snapshot.ts';
import { openScratch, removeScratch } from '../../databases/sqlite/work-directory.ts';
import type { Io, Work } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/open.ts';
import { cutBuffer } from './cut.ts';
import { leavePlace, takePlace } from './destination.ts';
import { type Checkpoint, type Details, PLACED, type State, stepOf } from './details.ts';
import { type Job, type Steps, urlOf } from './job.ts';
import { type Older, openOlder } from './parent.ts';
import { readPicture, takePicture } from './stage.ts';
import { storeChunks, storedChunks } from './store.ts';

export async function* run(work: Work<Details, Checkpoint | null>, io: Io): Steps {
  yield* withJob(work, io, make);
}

/** Takes everything back. What is left to do is read from the destination, so that it can be stopped and done again. */
export async function* revert(work: Work<Details, Checkpoint | null>, io: Io): Steps {
  yield* withJob(work, io, leavePlace);
}

async function* withJob(work: Work<Details, Checkpoint | null>, io: Io, use: (job: Job) => Steps): Steps {
  const { claim, details } = work;
  const scratch = openScratch(io.places, claim.jobId);
  try {
    const folder = openFolder(urlOf(work, 'destination', details.destination), io.places);
    yield* use({ work, io, folder, scratch, saveState: stateWriter<State>(scratch.sql, claim) });
  } catch (error) {
    throw failureOf(error, scratch.name);
  } finally {
    scratch.close();
  }
  await removeScratch(io.places, claim.jobId);
}

async function* make(job: Job): Steps {
  const { work, io, folder } = job;
  const { claim, details } = work;
  const found = await findOwn(folder, claim.jobId, details.id, io.signal);
  if (found === 'complete') return removeMark(folder, claim.jobId, details.id, io.signal);
  yield stepOf(work, PLACED, 'beginning');
  let state = yield* takePlace(job, found);
  if (state.phase === 'placed') state = yield* takePicture(job);
  yield stepOf(work, state, 'storing chunks');
  const picture = readPicture(job);
  const buffers = Array.from({ length: details.incrementalFrom === null ? 4 : 2 }, cutBuffer);
  const older = yield* openOlder(job, picture, state, buffers[0] as Buffer);
  state = yield* storeChunks(job, picture, state, older, buffers);
  yield { ...stepOf(work, state, 'writing the manifest'), commit: true };
  checkEpoch(job.scratch.sql, claim);
  const text = manifestText(manifestOf(job, picture, older));
  await folder.write(MANIFEST, [Buffer.from(text)], io.signal);
  await removeMark(folder, claim.jobId, details.id, io.signal);
}

const manifestOf = (job: Job, picture: Picture, older: Older | null): Manifest => {
  const { id, database, incrementalFrom } = job.work.details;
  const { at, bytes, pageSize, encoding, tables, statements } = picture;
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
    generation: older === null ? 0 : older.backup.manifest.generation + 1,
    incrementalFrom,
    chunks: storedChunks(job),
  };
};
