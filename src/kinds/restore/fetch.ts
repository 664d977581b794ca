/**
 * Fetches the snapshot of a backup into a file of the job's own and verifies each chunk. Before the file is used, its
 * schema is compared with the manifest, statement by statement.
 */
import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Backup, openBackup } from '../../backup-format/backup.ts';
import type { Manifest } from '../../backup-format/manifest.ts';
import { codeOf } from '../../databases/sqlite/errors.ts';
import { readCheckpoint } from '../../databases/sqlite/fence.ts';
import { checkCurrent, fenced } from '../../databases/sqlite/fenced.ts';
import { isReserved } from '../../databases/sqlite/names.ts';
import type { Target } from '../../databases/sqlite/open.ts';
import { statementsOf } from '../../databases/sqlite/statements-check.ts';
import { workDirOf } from '../../databases/sqlite/work-directory.ts';
import { type Io, Transient } from '../../jobs/kind.ts';
import { StorageError } from '../../storage/url.ts';
import { type Fetched, type RestoreWork, SECRET, type Steps, stepOf } from './details.ts';

/** This many chunks are in progress, and in memory, at the same time. */
const CHUNKS_AT_ONCE = 4;

export interface Fetch {
  readonly work: RestoreWork;
  readonly io: Io;
  readonly scratch: Target;
  /** The file of the snapshot. */
  readonly file: string;
}

/** Opens the backup, which must not have changed since the job was created. @throws StorageError */
export const openSource = async ({ work, io }: Pick<Fetch, 'work' | 'io'>): Promise<Backup> => {
  const { source, sha256 } = work.details;
  const cacheDir = path.join(workDirOf(io.environment, work.claim.jobId), 'older');
  const backup = await openBackup(work.secrets?.[SECRET] ?? source, io.environment, cacheDir, io.signal);
  if (backup?.sha256 === sha256) return backup;
  throw new StorageError(`the backup at ${source} is not there as it was when the job was created`);
};

export async function* fetchSnapshot(fetch: Fetch, backup: Backup): Steps {
  const { work, io, scratch, file } = fetch;
  const { manifest } = backup;
  let state = readCheckpoint<Fetched>(scratch.sql, work.claim);
  if (state?.phase === 'whole' && existsSync(file)) return;
  // If the file is missing or too short, it is fetched again.
  if (state === null || state.phase === 'whole' || sizeOf(file) < state.bytes) state = NOTHING;
  await checkRoom(path.dirname(file), manifest.sizeBytes - state.bytes);
  checkCurrent(scratch, work.claim);
  const handle = openSync(file, existsSync(file) ? 'r+' : 'w+', 0o600);
  try {
    while (state.chunks < manifest.chunks.length) {
      io.signal.throwIfAborted();
      state = yield* save(fetch, await fetchSome(fetch, backup, handle, state));
      yield stepOf(work, state.bytes, 0, 'fetching chunks');
    }
    checkCurrent(scratch, work.claim);
    ftruncateSync(handle, manifest.sizeBytes);
    fdatasyncSync(handle);
    checkHeader(handle, backup);
  } finally {
    closeSync(handle);
  }
  checkSnapshot(file, backup);
  yield* save(fetch, { ...state, phase: 'whole' });
}

const NOTHING: Fetched = { phase: 'fetching', chunks: 0, bytes: 0 };

const save = ({ work, io, scratch }: Fetch, state: Fetched): Steps<Fetched> =>
  fenced(scratch, work.claim, stepOf(work, state.bytes, 0, 'fetching chunks'), io.signal, () => state);

const fetchSome = async ({ work, io, scratch }: Fetch, backup: Backup, handle: number, state: Fetched) => {
  const some = backup.manifest.chunks.slice(state.chunks, state.chunks + CHUNKS_AT_ONCE);
  const reads = some.map((chunk) => backup.read(chunk, io.signal));
  // Wait for all reads, so that none is in progress when one fails.
  await Promise.allSettled(reads);
  let { bytes } = state;
  for (const content of await Promise.all(reads)) {
    checkCurrent(scratch, work.claim);
    writeAll(handle, content, bytes);
    bytes += content.length;
  }
  // The data must survive a power failure before the state records it.
  fdatasyncSync(handle);
  return { ...state, bytes, chunks: state.chunks + some.length };
};

const writeAll = (handle: number, content: Buffer, at: number) => {
  for (let done = 0; done < content.length; ) {
    done += writeSync(handle, content, done, content.length - done, at + done);
  }
};

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const checkRoom = async (folder: string, needed: number) => {
  const { bavail, bsize } = await statfs(folder);
  if (needed <= bavail * bsize) return;
  const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
  const said = `${mebibytes(needed)} MiB are needed in the data folder, and ${mebibytes(bavail * bsize)} are free`;
  throw new Transient(`disk is full: for the snapshot of the backup ${said}`);
};

/** Checks for the header that VACUUM INTO writes: the file has no journal of any kind. */
const checkHeader = (handle: number, { manifest, url }: Backup) => {
  const header = Buffer.alloc(100);
  readSync(handle, header, 0, 100, 0);
  const size = header.readUInt16BE(16);
  const pageSize = size === 1 ? 65_536 : size;
  const isOne = header.toString('latin1', 0, 16) === 'SQLite format 3\0' && header[18] === 1 && header[19] === 1;
  if (isOne && pageSize === manifest.pageSize && manifest.sizeBytes === pageSize * header.readUInt32BE(28)) return;
  throw damaged(url, 'it is no SQLite database of the form that the manifest says');
};

/** SQLite's internal tables that a snapshot may contain. */
const OWN = /^sqlite_(sequence|stat[134])$/;

const checkSnapshot = (file: string, { manifest, url }: Backup) => {
  const sql = new Sqlite(file, { readonly: true });
  try {
    sql.pragma('trusted_schema = OFF');
    const names = sql.prepare('SELECT name FROM sqlite_schema WHERE sql IS NOT NULL').pluck().all() as string[];
    const odd = names.find((name) => isReserved(name) && !OWN.test(name));
    if (odd !== undefined) throw damaged(url, `there is something named ${odd} in it`);
    if (!isSame(statementsOf(sql), manifest)) throw damaged(url, 'its catalogue is not what the manifest says');
    if (sql.pragma('encoding', { simple: true }) !== manifest.encoding) throw damaged(url, 'its encoding is another');
  } catch (error) {
    const code = codeOf(error);
    throw /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(code) ? damaged(url, (error as Error).message) : error;
  } finally {
    sql.close();
  }
};

const isSame = (found: readonly string[], { statements }: Manifest) =>
  found.length === statements.length && found.every((statement, i) => statement === statements[i]);

const damaged = (url: string, what: string) => new StorageError(`the backup at ${url} is damaged: ${what}`);
