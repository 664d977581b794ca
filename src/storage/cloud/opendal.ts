import { createRequire } from 'node:module';
import { StorageError } from '../url.ts';

/** The layers are not exported where the type definitions declare them. */
export type OpenDal = Pick<typeof import('opendal'), 'Operator'> & {
  readonly layers: Pick<typeof import('opendal'), 'RetryLayer'>;
};

let loaded: OpenDal | undefined;

/**
 * OpenDAL, loaded when the first cloud URL is opened: it is a native module, and is not built for every platform that
 * Signalbox otherwise supports. @throws StorageError on such a platform
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
