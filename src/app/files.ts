/** The folder of files as the engine uses it: failures of the disk as errors for the caller. */
import type { FileFolder } from '../engine/files.ts';
import type { UploadFolder } from '../engine/uploads.ts';
import { badInput, unavailable } from '../errors.ts';
import { Transient } from '../jobs/kind.ts';
import { listFiles, pathOf, removeFile, segmentsOfPath } from '../storage/local/browse.ts';
import { isTaken, moveInto } from '../storage/local/upload.ts';
import { StorageError } from '../storage/url.ts';

export const FILE_FOLDER: FileFolder = {
  list: (scope, wanted, signal) => listFiles(scope, wanted, signal),
  remove: (scope, segments) => inWords('input.path', removeFile(scope, segments)),
  segmentsOf: segmentsOfPath,
};

export const UPLOAD_FOLDER: UploadFolder = {
  list: FILE_FOLDER.list,
  pathOf,
  isTaken: (scope, segments) => inWords('metadata.filename', isTaken(scope, segments)),
  moveInto: (scope, segments, file, how) => inWords('metadata.filename', moveInto(scope, segments, file, how)),
};

const inWords = async <T>(field: string, operation: Promise<T>): Promise<T> => {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof StorageError) throw badInput(field, error.message);
    if (error instanceof Transient) throw unavailable(error.message);
    throw error;
  }
};
