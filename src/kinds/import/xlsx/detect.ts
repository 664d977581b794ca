/** Recognizes workbooks by their content. */
import type { Stored } from '../../../storage/storage.ts';
import { refuseCompound } from './compound.ts';
import { isWorkbook } from './workbook.ts';
import { openZip } from './zip.ts';

const ZIP = '504b0304';

/** @param start the first bytes, in hexadecimal @throws StorageError for a workbook that cannot be read */
export const isXlsx = async (stored: Stored, start: string, signal: AbortSignal): Promise<boolean> => {
  await refuseCompound(stored, signal);
  if (!start.startsWith(ZIP)) return false;
  const zip = await openZip(stored, signal);
  try {
    return isWorkbook(zip);
  } finally {
    zip.close();
  }
};
