/** Names the files in the container of old Office versions, which look like workbooks to people. */
import type { Stored } from '../../../storage/storage.ts';
import { StorageError } from '../../../storage/url.ts';

const MAGIC = 'd0cf11e0a1b11ae1';
/** More than the directory of such a file at its beginning. */
const ENOUGH_BYTES = 64 * 1024;

/** @throws StorageError for a workbook that is encrypted, or that Excel 97 has written */
export const refuseCompound = async (stored: Stored, signal: AbortSignal): Promise<void> => {
  const header = await bytesAt(stored, 0, signal);
  if (!header.toString('hex', 0, 8).startsWith(MAGIC)) return;
  const sector = 2 ** header.readUInt16LE(30);
  const directory = await bytesAt(stored, (header.readUInt32LE(48) + 1) * sector, signal).catch(() => header);
  throw new StorageError(`${stored.url} is ${nameOf(directory)}`);
};

/** Workbooks of Excel 97, and encrypted ones of any age, are in the same container. */
const nameOf = (directory: Buffer): string => {
  const has = (name: string) => directory.includes(Buffer.from(name, 'utf16le'));
  if (has('EncryptedPackage')) return 'encrypted with a password: open it in Excel, and save it without one';
  if (has('Workbook') || has('Book')) return 'an Excel 97 workbook (.xls): save it as .xlsx';
  return 'a file of an old Office version: save it as .xlsx or .csv';
};

const bytesAt = async (stored: Stored, from: number, signal: AbortSignal): Promise<Buffer> => {
  const pieces: Uint8Array[] = [Buffer.alloc(0)];
  let bytes = 0;
  for await (const chunk of stored.read(from, signal)) {
    pieces.push(chunk);
    bytes += chunk.length;
    if (bytes >= ENOUGH_BYTES) break;
  }
  const read = Buffer.concat(pieces);
  return read.length >= 64 ? read : Buffer.concat([read, Buffer.alloc(64)]);
};
