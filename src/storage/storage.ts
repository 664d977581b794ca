/** Where bytes rest, by URL. One file a scheme; here it is chosen. s3:, azure: and gs: will have theirs. */
import type { Places } from '../jobs/kind.ts';
import { openHttp } from './http.ts';
import { openLocal } from './nodelocal.ts';
import { parseUrl } from './url.ts';

export interface Stored {
  /** As it may be shown: secrets redacted. */
  readonly url: string;
  /** @throws StorageError when there is no such file, or it cannot be read */
  stat(signal?: AbortSignal): Promise<StoredStat>;
  /** The bytes from a place on, in pieces of at most a megabyte. Throws the signal's reason when it is aborted. */
  read(fromByte: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
}

export interface StoredStat {
  /** Null when nobody says. */
  readonly size: number | null;
  /** Differs once the content may have changed. */
  readonly version: string;
}

/** Opens nothing yet. @throws StorageError for a URL that cannot be used */
export const openStored = (url: string, places: Pick<Places, 'filesDir' | 'allowPrivateHosts'>): Stored => {
  const parsed = parseUrl(url);
  switch (parsed.scheme) {
    case 'nodelocal':
      return openLocal(url, parsed.segments, places.filesDir);
    case 'http':
      return openHttp(parsed.url, places.allowPrivateHosts);
  }
};
