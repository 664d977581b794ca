/**
 * The first lines of a manifest. They describe a backup well enough to sort a list of backups, whose whole manifests
 * may have millions of chunks. Nothing is verified: a damaged manifest may have a brief.
 */
import { z } from 'zod';
import type { Folder } from '../storage/storage.ts';
import { FORMAT, MANIFEST } from './manifest.ts';

const BRIEF = z.object({
  format: z.literal(FORMAT),
  createdAt: z.iso.datetime(),
  database: z.string(),
});
export type Brief = z.output<typeof BRIEF>;

/** The names and values of the first lines are not longer. */
const BRIEF_BYTES = 16 * 1024;
/** A line of the manifest itself has one space before its name; lines of what it contains have more. */
const LINE = /^ ("(?:format|createdAt|database)"): ("(?:[^"\\]|\\.)*"),?$/gm;

/** Null if there is no manifest, or if it is not that of a backup. @throws StorageError if it cannot be read */
export const readBrief = async (folder: Folder, signal: AbortSignal): Promise<Brief | null> => {
  if ((await folder.stat(MANIFEST, signal)) === null) return null;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of folder.read(MANIFEST, 0, signal)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= BRIEF_BYTES) break;
  }
  return briefIn(Buffer.concat(pieces).subarray(0, BRIEF_BYTES).toString());
};

const briefIn = (text: string): Brief | null => {
  const lines = [...text.matchAll(LINE)].map(([, name, value]) => `${name}: ${value}`);
  try {
    return BRIEF.parse(JSON.parse(`{${lines.join(',')}}`));
  } catch {
    return null;
  }
};
