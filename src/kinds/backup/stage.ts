/** Takes the snapshot, and keeps it in the work directory. A partial snapshot is discarded. */

import { existsSync, renameSync } from 'node:fs';
import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { portOf } from '../../databases/port-of.ts';
import type { WorkDirectory } from '../../databases/work-directory.ts';
import { Transient } from '../../jobs/kind.ts';
import { type BackupCheckpoint, type Job, MARKED, type Steps, stepOf } from './details.ts';
import type { Snapshot, StageOrder } from './port.ts';
import { PORTS } from './ports.ts';

// The stored name `picture` predates the term snapshot: jobs that began under version 0.1.0 use it.
const FILE = 'picture.db';
const SNAPSHOT = { name: 'picture' };

export const snapshotFile = ({ folder }: Pick<WorkDirectory, 'folder'>): string => path.join(folder, FILE);

export const hasSnapshot = (directory: WorkDirectory): boolean => existsSync(snapshotFile(directory));

export const readSnapshot = (directory: WorkDirectory): Snapshot => {
  const [snapshot] = directory.list<Snapshot>(SNAPSHOT).all();
  if (snapshot === undefined) throw new Error('the work directory has no description of its snapshot');
  return snapshot;
};

export async function* stageSnapshot({ work, io, directory }: Job): Steps<BackupCheckpoint> {
  const { details, claim } = work;
  const { environment, signal } = io;
  const folder = path.join(directory.folder, `snapshot-${claim.epoch}`);
  const { database, isAll, integrityCheck } = details;
  const order: StageOrder = { environment, database, tables: isAll ? null : details.tables, integrityCheck, folder };
  const port = portOf(PORTS, environment);
  await removePartial(directory.folder);
  await requireSpace(directory.folder, await port.estimateBytes(order), database);
  await mkdir(folder, { mode: 0o700 });
  try {
    const step = stepOf(work, MARKED, 'taking the snapshot');
    const { file, snapshot } = yield* port.stage(order, step, signal);
    return yield* directory.fenced(step, signal, (): BackupCheckpoint => {
      renameSync(file, snapshotFile(directory));
      const list = directory.list<Snapshot>(SNAPSHOT);
      list.create();
      list.append([snapshot]);
      return { ...MARKED, phase: 'staged', snapshotBytes: snapshot.bytes };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes the partial snapshots of interrupted claims. */
const removePartial = async (folder: string) => {
  for (const name of await readdir(folder)) {
    if (/^(snapshot|picture)-\d+$/.test(name)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
};

const requireSpace = async (folder: string, needed: number, database: string) => {
  const { bavail, bsize } = await statfs(folder);
  if (needed <= bavail * bsize) return;
  throw new Transient(
    `disk is full: the snapshot of database ${database} needs ${mebibytes(needed)} MiB in the data folder, and ` +
      `${mebibytes(bavail * bsize)} MiB are free`,
  );
};

const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
