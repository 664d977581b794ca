import { createRequire } from 'node:module';
import { StorageError } from '../url.ts';

/** The layers are not where its types have them. */
export type OpenDal = Pick<typeof import('opendal'), 'Operator'> & {
  readonly layers: Pick<typeof import('opendal'), 'RetryLayer'>;
};

let loaded: OpenDal | undefined;

/**
 * OpenDAL, loaded when the first URL of a cloud is opened: it is native, and not built for every platform that all else
 * runs on. @throws StorageError where it is not
 */
export const loadOpenDal = (redacted: string): OpenDal => {
  try {
    loaded ??= createRequire(import.meta.url)('opendal') as OpenDal;
    return loaded;
  } catch {
    throw new StorageError(
      `${redacted} cannot be opened: there is no OpenDAL for ${process.platform} on ${process.arch}`,
    );
  }
};
