/** Takes the snapshot in a process that is killed when the job must stop. A partial snapshot is discarded. */

import { renameSync } from 'node:fs';
import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { fenced } from '../../databases/sqlite/fenced.ts';
import { openDatabase } from '../../databases/sqlite/open.ts';
import { fileOf } from '../../databases/sqlite/place.ts';
import type { Snapshot } from '../../databases/sqlite/snapshot.ts';
import { checkWal } from '../../databases/sqlite/snapshot.ts';
import { startSnapshot } from '../../databases/sqlite/snapshot-child.ts';
import { workDirOf } from '../../databases/sqlite/work-directory.ts';
import { Transient } from '../../jobs/kind.ts';
import { sleep } from '../../sleep.ts';
import { PLACED, type State, stepOf } from './details.ts';
import type { Job, Steps } from './job.ts';

const TELL_EVERY_MS = 900;

export const snapshotFile = ({ work, io }: Pick<Job, 'work' | 'io'>): string =>
  path.join(workDirOf(io.environment, work.claim.jobId), 'picture.db');

export async function* stageSnapshot(job: Job): Steps<State> {
  const { work, io, scratch } = job;
  const { details, claim } = work;
  const databaseFile = fileOf(io.environment);
  if (databaseFile === null) throw new Transient(`database ${details.database} is not known any more`);
  const folder = path.join(workDirOf(io.environment, claim.jobId), `snapshot-${claim.epoch}`);
  await removeOthers(path.dirname(folder));
  await checkRoom(databaseFile, details.database, path.dirname(folder), details.isAll ? 1 : 2);
  await mkdir(folder, { mode: 0o700 });
  const file = path.join(folder, 'picture.db');
  const tables = details.isAll ? null : details.tables;
  const making = startSnapshot({ source: databaseFile, name: details.database, file, tables });
  try {
    const step = stepOf(work, PLACED, 'taking the snapshot');
    let snapshot: Snapshot | null = null;
    while (snapshot === null) {
      snapshot = await soon(making.made, io.signal);
      if (snapshot === null) yield step;
    }
    const state: State = { ...PLACED, phase: 'taken', pictureBytes: snapshot.bytes };
    return yield* fenced(scratch, claim, step, io.signal, () => {
      renameSync(file, snapshotFile(job));
      scratch.sql.prepare('INSERT INTO picture (json) VALUES (?)').run(JSON.stringify(snapshot));
      return state;
    });
  } finally {
    await making.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

export const readSnapshot = ({ scratch }: Job): Snapshot =>
  JSON.parse(scratch.sql.prepare('SELECT json FROM picture').pluck().get() as string) as Snapshot;

/** Null if the snapshot is not complete after a while. */
const soon = async (made: Promise<Snapshot>, signal: AbortSignal): Promise<Snapshot | null> => {
  const over = new AbortController();
  try {
    const late = sleep(TELL_EVERY_MS, AbortSignal.any([signal, over.signal])).then(() => null);
    return await Promise.race([made, late]);
  } finally {
    over.abort();
  }
};

/** Removes the partial snapshots of interrupted claims. */
const removeOthers = async (folder: string) => {
  for (const name of await readdir(folder)) {
    if (/^(snapshot|picture)-\d+$/.test(name)) await rm(path.join(folder, name), { recursive: true, force: true });
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
    throw new Transient(`disk is full: for the snapshot of database ${name} ${said}`);
  } finally {
    close();
  }
};

const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
