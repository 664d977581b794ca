/**
 * The in-progress marker of a backup: `in-progress-<job>.json`, written before anything else and removed last. If a
 * folder has exactly one marker and no manifest, all chunks in it belong to that job, which started in a folder without
 * chunks.
 */
import { z } from 'zod';
import type { Folder } from '../storage/storage.ts';
import { StorageError } from '../storage/url.ts';
import { isChunkFile } from './chunk.ts';
import { MANIFEST, readHead } from './manifest.ts';

const MARKER = z.object({
  id: z.string(),
  database: z.string(),
  createdAt: z.iso.datetime(),
  incrementalFrom: z.string().nullable(),
});
export type InProgressMarker = z.output<typeof MARKER>;

const PREFIX = 'in-progress-';
const MAX_BYTES = 64 * 1024;

/** Whether the name of a file is that of a marker. */
export const isMarker = (name: string): boolean => name.startsWith(PREFIX);

const nameOf = (jobId: string) => `${PREFIX}${jobId}.json`;

/** What a backup finds at its destination: nothing, its own incomplete backup, or its own complete backup. */
export type Found = 'nothing' | 'begun' | 'complete';

/** @throws StorageError if the destination holds anything else */
export const findOwn = async (folder: Folder, jobId: string, id: string, signal: AbortSignal): Promise<Found> => {
  const head = await readHead(folder, signal);
  if (head !== null) {
    if (head.id === id) return 'complete';
    throw new StorageError(`${folder.url} already holds a backup`);
  }
  let found: Found = 'nothing';
  for await (const name of folder.list(PREFIX, signal)) {
    const marker = await readMarker(folder, name, signal);
    if (name !== nameOf(jobId) || (marker !== null && marker.id !== id)) {
      throw new StorageError(`${folder.url} holds a backup that is in progress or abandoned (${name})`);
    }
    found = 'begun';
  }
  if (found === 'begun') return found;
  for await (const name of folder.list('chunks/', signal)) {
    if (isChunkFile(name)) throw new StorageError(`${folder.url} holds chunks of a backup without ${MANIFEST}`);
  }
  return found;
};

export const writeMarker = (
  folder: Folder,
  jobId: string,
  marker: InProgressMarker,
  signal: AbortSignal,
): Promise<void> => folder.write(nameOf(jobId), [Buffer.from(`${JSON.stringify(marker, null, 1)}\n`)], signal);

/** Does nothing if repeated, or if the marker belongs to a job of another server with the same number. */
export const removeMarker = async (folder: Folder, jobId: string, id: string, signal: AbortSignal): Promise<void> => {
  const marker = await readMarker(folder, nameOf(jobId), signal);
  if (marker === null || marker.id === id) await folder.remove(nameOf(jobId), signal);
};

/** Reads the marker of an incomplete backup; null if there is none. */
export const readAnyMarker = async (folder: Folder, signal: AbortSignal): Promise<InProgressMarker | null> => {
  for await (const name of folder.list(PREFIX, signal)) {
    const marker = await readMarker(folder, name, signal);
    if (marker !== null) return marker;
  }
  return null;
};

/** The error message for a folder without a manifest. Over http, nothing can be listed and no backup is written. */
export const describeAbsence = async (folder: Folder, signal: AbortSignal): Promise<string> => {
  const marker = /^https?:/i.test(folder.url) ? null : await readAnyMarker(folder, signal);
  if (marker === null) return `there is no backup at ${folder.url}`;
  const { database, createdAt } = marker;
  return `the backup at ${folder.url} is in progress or abandoned (of database ${database}, begun at ${createdAt})`;
};

/** Null if the file is not a marker, or no longer exists. */
const readMarker = async (folder: Folder, name: string, signal: AbortSignal): Promise<InProgressMarker | null> => {
  if ((await folder.stat(name, signal)) === null) return null;
  let text = '';
  for await (const piece of folder.read(name, 0, signal)) {
    text += Buffer.from(piece).toString();
    if (text.length > MAX_BYTES) return null;
  }
  try {
    return MARKER.parse(JSON.parse(text));
  } catch {
    return null;
  }
};
