/** Wildcards in the path of a URL: `*` stands for any characters within one name. `%2A` is an asterisk. */
import { openListing } from './open.ts';
import type { StorageEnvironment } from './storage.ts';
import { redact, StorageError } from './url.ts';

const PARTS = /^((?:nodelocal|s3|azure|gs):\/\/[^/?#]*)\/([^?#]*)(.*)$/is;

/** The URLs, sorted, of the files that a URL with wildcards names now; the URL itself if it has none. */
export const filesNamed = async (
  url: string,
  environment: StorageEnvironment,
  most: number,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const [, root, path = '', rest = ''] = PARTS.exec(url) ?? [];
  if (root === undefined || !path.includes('*')) return [url];
  const segments = path.split('/');
  const first = segments.findIndex((segment) => segment.includes('*'));
  const folder = segments.slice(0, first).map((segment) => `${segment}/`);
  // Empty segments mean nothing in a folder of the server.
  const pattern = segments.slice(first).filter((segment) => segment !== '');
  const matches = new RegExp(`^${pattern.map((segment) => patternOf(url, segment)).join('/')}$`, 's');
  const prefix = decoded(url, pattern[0]?.replace(/\*.*$/s, '') ?? '');
  const names: string[] = [];
  for await (const name of openListing(`${root}/${folder.join('')}${rest}`, environment).list(prefix, signal)) {
    if (matches.test(name)) names.push(name);
    if (names.length > most) throw new StorageError(`${redact(url)} names more than ${most} files`);
  }
  if (names.length === 0) throw new StorageError(`${redact(url)} names no file: nothing matches it`);
  return names.sort().map((name) => `${root}/${folder.join('')}${name.split('/').map(encoded).join('/')}${rest}`);
};

const patternOf = (url: string, segment: string): string =>
  segment
    .split('*')
    .map((text) => decoded(url, text).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('[^/]*');

const encoded = (name: string): string => encodeURIComponent(name).replaceAll('*', '%2A');

const decoded = (url: string, text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StorageError(`${redact(url)} has a % that encodes nothing`);
  }
};
