/** Opens files and folders by URL: the scheme is chosen here. */
import { openAzure } from './cloud/azure.ts';
import { type Bucket, openCloudFile, openCloudFolder } from './cloud/cloud.ts';
import { openGs } from './cloud/gs.ts';
import { CLOUD_LIMITS } from './cloud/request.ts';
import { openS3 } from './cloud/s3.ts';
import { openHttp } from './http/file.ts';
import { openHttpFolder } from './http/folder.ts';
import { openLocal } from './local/file.ts';
import { openLocalFolder } from './local/folder.ts';
import type { Folder, StoragePlaces, Stored } from './storage.ts';
import { type CloudScheme, type CloudUrl, parseUrl, redact, StorageError } from './url.ts';

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
