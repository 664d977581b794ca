/** Takes the picture, in a process that is killed when the job has to stop: a picture is whole or begun anew. */
import { renameSync } from 'node:fs';
import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { checkEpoch } from '../../databases/sqlite/fence.ts';
import { begin, wait } from '../../databases/sqlite/lock.ts';
import { openDatabase } from '../../databases/sqlite/open.ts';
import type { Picture } from '../../databases/sqlite/snapshot.ts';
import { checkWal } from '../../databases/sqlite/snapshot.ts';
import { startPicture } from '../../databases/sqlite/snapshot-child.ts';
import { scratchOf } from '../../databases/sqlite/work-directory.ts';
import { Transient } from '../../jobs/kind.ts';
import { PLACED, type State, stepOf } from './details.ts';
import type { Job, Steps } from './job.ts';

const TELL_EVERY_MS = 900;

export const pictureFile = ({ work, io }: Pick<Job, 'work' | 'io'>): string =>
  path.join(scratchOf(io.places, work.claim.jobId), 'picture.db');

export async function* takePicture(job: Job): Steps<State> {
  const { work, io, scratch, saveState } = job;
  const { details, claim } = work;
  const { databaseFile } = io.places;
  if (databaseFile === null) throw new Transient(`database ${details.database} is not known any more`);
  const folder = path.join(scratchOf(io.places, claim.jobId), `picture-${claim.epoch}`);
  await removeOthers(path.dirname(folder));
  await checkRoom(databaseFile, details.database, path.dirname(folder), details.isAll ? 1 : 2);
  await mkdir(folder, { mode: 0o700 });
  const file = path.join(folder, 'picture.db');
  const tables = details.isAll ? null : details.tables;
  const making = startPicture({ source: databaseFile, name: details.database, file, tables });
  try {
    const step = stepOf(work, PLACED, 'taking the picture');
    let picture: Picture | null = null;
    while (picture === null) {
      picture = await soon(making.made, io.signal);
      if (picture === null) yield step;
    }
    const state: State = { ...PLACED, phase: 'taken', pictureBytes: picture.bytes };
    await begin(scratch, io.signal);
    try {
      checkEpoch(scratch.sql, claim);
      renameSync(file, pictureFile(job));
      scratch.sql.prepare('INSERT INTO picture (json) VALUES (?)').run(JSON.stringify(picture));
      saveState(state);
      scratch.commit();
    } finally {
      scratch.rollback();
    }
    return state;
  } finally {
    await making.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

export const readPicture = ({ scratch }: Job): Picture =>
  JSON.parse(scratch.sql.prepare('SELECT json FROM picture').pluck().get() as string) as Picture;

/** Null when it is not made yet, after a while. */
const soon = async (made: Promise<Picture>, signal: AbortSignal): Promise<Picture | null> => {
  const over = new AbortController();
  try {
    const late = wait(TELL_EVERY_MS, AbortSignal.any([signal, over.signal])).then(() => null);
    return await Promise.race([made, late]);
  } finally {
    over.abort();
  }
};

/** What was begun by claims that were cut short. */
const removeOthers = async (folder: string) => {
  for (const name of await readdir(folder)) {
    if (/^picture-\d+$/.test(name)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
};

const checkRoom = async (file: string, name: string, folder: string, times: number) => {
  const { sql, close } = openDatabase(file, name, { readonly: true, lockWaitMs: 100 });
  try {
    checkWal(sql, name);
    const number = (pragma: string) => sql.pragma(pragma, { simple: true }) as number;
    const needed = times * (number('page_count') - number('freelist_count')) * number('page_size');
    const { bavail, bsize } = await statfs(folder);
    if (needed <= bavail * bsize) return;
    const said = `${mebibytes(needed)} MiB are needed in the data folder, and ${mebibytes(bavail * bsize)} are free`;
    throw new Transient(`disk is full: for the picture of database ${name} ${said}`);
  } finally {
    close();
  }
};

const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
