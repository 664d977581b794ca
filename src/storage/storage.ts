/** Where bytes rest, by URL: here the scheme is chosen. */
import type { Places } from '../jobs/kind.ts';
import { openAzure } from './azure.ts';
import { type Bucket, openCloudFile, openCloudFolder } from './cloud.ts';
import { CLOUD_LIMITS } from './cloud-request.ts';
import { openGs } from './gs.ts';
import { openHttp } from './http.ts';
import { openHttpFolder } from './http-folder.ts';
import { openLocal } from './nodelocal.ts';
import { openLocalFolder } from './nodelocal-folder.ts';
import { openS3 } from './s3.ts';
import { type CloudScheme, type CloudUrl, parseUrl, redact, StorageError } from './url.ts';

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

/** A place under which files are written, read and removed by name; a name is one or more segments joined by `/`. */
export interface Folder {
  /** As it may be shown: secrets redacted. */
  readonly url: string;
  /** Null when there is no file of this name. */
  stat(name: string, signal: AbortSignal): Promise<StoredStat | null>;
  /** @throws StorageError when there is no such file, or it cannot be read */
  read(name: string, fromByte: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
  /**
   * Whole or not at all, durable when it resolves; takes the place of a file that is there.
   * @throws StorageError when nothing can be written there; Transient when it may work later
   */
  write(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** The names of the files that begin with a prefix, in no order; nothing when there is no such folder. */
  list(prefix: string, signal: AbortSignal): AsyncGenerator<string, void, void>;
  /** Done again, does nothing. */
  remove(name: string, signal: AbortSignal): Promise<void>;
}

/** What of the places a URL is opened with. */
export type StoragePlaces = Pick<Places, 'filesDir' | 'allowPrivateHosts' | 'serverCredentials'>;

/** Opens nothing yet. @throws StorageError for a URL that cannot be used */
export const openStored = (url: string, places: StoragePlaces): Stored => {
  const parsed = parseUrl(url);
  if (parsed.scheme === 'nodelocal') return openLocal(url, parsed.segments, places.filesDir);
  if (parsed.scheme === 'http') return openHttp(parsed.url, places.allowPrivateHosts);
  const shown = redact(url);
  if (parsed.path === '') throw new StorageError(`${shown} names no file`);
  return openCloudFile(openBucket(parsed, shown, places), parsed.path, shown);
};

/** Opens nothing yet, and makes nothing; of http: and https: it is read only. @throws StorageError for a URL that cannot be used */
export const openFolder = (url: string, places: StoragePlaces): Folder => {
  const parsed = parseUrl(url);
  if (parsed.scheme === 'nodelocal') return openLocalFolder(url, parsed.segments, places.filesDir);
  if (parsed.scheme === 'http') return openHttpFolder(parsed.url, places.allowPrivateHosts);
  const shown = redact(url);
  return openCloudFolder(openBucket(parsed, shown, places), parsed.path, shown);
};

const OPEN = { s3: openS3, azure: openAzure, gs: openGs } as const;

const openBucket = (url: CloudUrl & { readonly scheme: CloudScheme }, shown: string, places: StoragePlaces): Bucket =>
  OPEN[url.scheme](url, shown, places, CLOUD_LIMITS);
