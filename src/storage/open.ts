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
import { rootFor } from './local/root.ts';
import type { Folder, StorageEnvironment, Stored } from './storage.ts';
import { type CloudScheme, type CloudUrl, parseUrl, redact, StorageError, type StorageUrl } from './url.ts';

/** Performs no I/O. @throws StorageError for a URL that cannot be used */
export const openStored = (url: string, environment: StorageEnvironment): Stored => {
  const parsed = parseUrl(url);
  if (parsed.scheme === 'nodelocal') return openLocal(url, parsed.segments, rootFor(url, parsed.segments, environment));
  if (parsed.scheme === 'http') return openHttp(parsed.url, environment.allowPrivateHosts);
  const redacted = redact(url);
  if (parsed.path === '') throw new StorageError(`${redacted} names no file`);
  return openCloudFile(openBucket(parsed, redacted, environment), parsed.path, redacted);
};

/**
 * Performs no I/O and creates nothing. A folder of http: or https: is read only.
 * @throws StorageError for a URL that cannot be used
 */
export const openFolder = (url: string, environment: StorageEnvironment): Folder =>
  openParsedFolder(url, parseUrl(url), environment);

/** The folder can be the root of its storage, too. @throws StorageError for a URL that cannot be used */
export const openListing = (url: string, environment: StorageEnvironment): Pick<Folder, 'list' | 'entries'> =>
  openParsedFolder(url, parseUrl(url, true), environment);

const openParsedFolder = (url: string, parsed: StorageUrl, environment: StorageEnvironment): Folder => {
  if (parsed.scheme === 'nodelocal') {
    return openLocalFolder(url, parsed.segments, rootFor(url, parsed.segments, environment));
  }
  if (parsed.scheme === 'http') return openHttpFolder(parsed.url, environment.allowPrivateHosts);
  const redacted = redact(url);
  return openCloudFolder(openBucket(parsed, redacted, environment), parsed.path, redacted);
};

const OPEN = { s3: openS3, azure: openAzure, gs: openGs } as const;

const openBucket = (
  url: CloudUrl & { readonly scheme: CloudScheme },
  redacted: string,
  environment: StorageEnvironment,
): Bucket => OPEN[url.scheme](url, redacted, environment, CLOUD_LIMITS);
