/** The folder of files as the engine uses it: failures of the disk as errors for the caller. */
import type { FileFolder } from '../engine/files.ts';
import { badInput, unavailable } from '../errors.ts';
import { Transient } from '../jobs/kind.ts';
import { listFiles, removeFile, segmentsOfPath } from '../storage/local/browse.ts';
import { StorageError } from '../storage/url.ts';

export const FILE_FOLDER: FileFolder = {
  list: (scope, wanted, signal) => listFiles(scope, wanted, signal),
  remove: async (scope, segments) => {
    try {
      return await removeFile(scope, segments);
    } catch (error) {
      if (error instanceof StorageError) throw badInput('input.path', error.message);
      if (error instanceof Transient) throw unavailable(error.message);
      throw error;
    }
  },
  segmentsOf: segmentsOfPath,
};
