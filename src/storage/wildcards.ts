/**
 * Wildcards in the path of a URL: `*` stands for any characters within one name, and `[a-z]` or `[^a-z]` for one of a set.
 * `%2A` and `%5B` are these characters themselves. A `?` is no wildcard: it begins the query of a URL.
 */
import { openListing } from './open.ts';
import type { StorageEnvironment } from './storage.ts';
import { redact, StorageError } from './url.ts';

const PARTS = /^((?:nodelocal|s3|azure|gs):\/\/[^/?#]*)\/([^?#]*)(.*)$/is;
const WILDCARD = /[*[]/;

/** The URLs, sorted, of the files that a URL with wildcards names now; the URL itself if it has none. */
export const filesNamed = async (
  url: string,
  environment: StorageEnvironment,
  most: number,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const [, root, path = '', rest = ''] = PARTS.exec(url) ?? [];
  if (root === undefined || !WILDCARD.test(path)) return [url];
  if (path.includes('**')) throw new StorageError(`${redact(url)} has **: * stands for characters within one name`);
  const segments = path.split('/');
  const first = segments.findIndex((segment) => WILDCARD.test(segment));
  const folder = segments.slice(0, first).map((segment) => `${segment}/`);
  // Empty segments mean nothing in a folder of the server.
  const pattern = segments.slice(first).filter((segment) => segment !== '');
  const matches = new RegExp(`^${pattern.map((segment) => patternOf(url, segment)).join('/')}$`, 's');
  const prefix = decoded(url, pattern[0]?.replace(/[*[].*$/s, '') ?? '');
  const names: string[] = [];
  for await (const name of openListing(`${root}/${folder.join('')}${rest}`, environment).list(prefix, signal)) {
    if (matches.test(name)) names.push(name);
    if (names.length > most) throw new StorageError(`${redact(url)} names more than ${most} files`);
  }
  if (names.length === 0) throw new StorageError(`${redact(url)} names no file: nothing matches it`);
  return names.sort().map((name) => `${root}/${folder.join('')}${name.split('/').map(encoded).join('/')}${rest}`);
};

const patternOf = (url: string, segment: string): string =>
  [...segment.matchAll(/\*|\[\^?\]?[^\]]*\]|[^*[]+|\[/gs)]
    .map(([part]) => {
      if (part === '*') return '[^/]*';
      if (part === '[') throw new StorageError(`${redact(url)} has a [ that is never closed: %5B is the character`);
      return part.startsWith('[') ? setOf(url, part) : decoded(url, part).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    })
    .join('');

const setOf = (url: string, part: string): string => {
  const isOpposite = part.startsWith('[^');
  const text = decoded(url, part.slice(isOpposite ? 2 : 1, -1)).replace(/[\\\]^[/]/g, '\\$&');
  const set = `(?!/)[${isOpposite ? '^' : ''}${text}]`;
  try {
    if (text !== '' && new RegExp(set).test('') === false) return set;
  } catch {
    // A range such as z-a.
  }
  throw new StorageError(`${redact(url)} has the set ${part}, which stands for no character`);
};

const encoded = (name: string): string => encodeURIComponent(name).replaceAll('*', '%2A');

const decoded = (url: string, text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StorageError(`${redact(url)} has a % that encodes nothing`);
  }
};
