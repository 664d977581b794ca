/** Storage URLs, and how they are displayed. */

/**
 * A storage URL that is invalid, or the file or folder behind it cannot be used. The message names the URL, secrets
 * redacted.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

export type StorageUrl =
  /** The path, decoded: no segment is empty, `.` or `..`, or contains a separator. */
  | { readonly scheme: 'nodelocal'; readonly segments: readonly string[] }
  | { readonly scheme: 'http'; readonly url: URL }
  | ({ readonly scheme: CloudScheme } & CloudUrl);

export type CloudScheme = 's3' | 'azure' | 'gs';

export interface CloudUrl {
  /** The bucket or container. */
  readonly bucket: string;
  /** The path, decoded, without a slash at its beginning or end; empty for the whole bucket. */
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const LONGEST_URL = 8_192;

/** Text without the slashes at its end. A regular expression would try every slash in turn, in quadratic time. */
export const withoutSlashes = (text: string): string => {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
};

/** @throws StorageError for a URL that cannot be used */
export const parseUrl = (url: string, mayBeRoot = false): StorageUrl => {
  if (url.length > LONGEST_URL) {
    throw new StorageError(`a URL has ${url.length} characters: at most ${LONGEST_URL} are allowed`);
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'nodelocal') return { scheme, segments: segmentsOf(url, mayBeRoot) };
  if (scheme === 'http' || scheme === 'https') return { scheme: 'http', url: httpUrl(url) };
  if (scheme === 's3' || scheme === 'azure' || scheme === 'gs') return { scheme, ...cloudUrl(url) };
  throw wrong(url, 'is not a storage URL: it begins with nodelocal:///, s3://, azure://, gs://, http:// or https://');
};

/**
 * The URL in the form that may be displayed. Only parameters known to be harmless keep their value, since any other may
 * be a key or a signature, and so may a part of the path of an http: URL or a webhook. Never fails: text that is not a
 * URL is returned unchanged.
 */
export const redact = (url: string): string => redacted(url, redactPath);

/** The same with the whole path, for programs that have to find what is there. */
export const withoutKeys = (url: string): string => redacted(url, (base) => base);

const redacted = (url: string, ofPath: (base: string) => string): string => {
  const [, base = url, query, fragment] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? [];
  return ofPath(redactUserInfo(base)) + (query === undefined ? '' : redactQuery(query)) + (fragment ? '#redacted' : '');
};

/**
 * The segments of a name within a folder. The name is taken literally: nothing in it is decoded.
 * @throws StorageError for a name that is invalid or leads outside of the folder
 */
export const segmentsOfName = (folder: string, name: string): readonly string[] => {
  const segments = name.split('/');
  const wrong = segments.find((segment) => ['', '.', '..'].includes(segment) || /[\\\0]/.test(segment));
  if (wrong !== undefined) throw new StorageError(`${JSON.stringify(name)} is not a name of a file in ${folder}`);
  return segments;
};

const HARMLESS = new Set([
  'AUTH',
  'AWS_ACCESS_KEY_ID',
  'AWS_ENDPOINT',
  'AWS_REGION',
  'AZURE_ACCOUNT_NAME',
  'AZURE_ENDPOINT',
  'GS_ENDPOINT',
]);

const wrong = (url: string, message: string) => new StorageError(`${redact(url)} ${message}`);

const httpUrl = (url: string): URL => {
  if (!/^https?:\/\/[^/]/i.test(url) || !URL.canParse(url)) throw wrong(url, 'is not a URL');
  const parsed = new URL(url);
  decoded(url, parsed.username);
  decoded(url, parsed.password);
  return parsed;
};

/** CockroachDB writes `nodelocal://1/path` and `nodelocal://self/path`, too. */
const segmentsOf = (url: string, mayBeRoot: boolean): readonly string[] => {
  const [, path] = /^nodelocal:\/\/(?:1|self)?(\/[^?#]*)$/i.exec(url) ?? [];
  if (path === undefined) throw wrong(url, 'is not of the form nodelocal:///path, without host and parameters');
  const segments = path.split('/').map((segment) => decoded(url, segment));
  const kept = segments.filter((segment) => segment !== '' && segment !== '.');
  if (kept.includes('..')) throw wrong(url, 'leads outside of the folder of files');
  if (kept.some((segment) => /[/\\\0]/.test(segment))) throw wrong(url, 'has a separator or NUL inside a name');
  if (kept.length === 0 && !mayBeRoot) throw wrong(url, 'names no file');
  return kept;
};

const cloudUrl = (url: string): CloudUrl => {
  const [, bucket, path = '', query = ''] = /^[^:]+:\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/.exec(url) ?? [];
  if (bucket === undefined) throw wrong(url, 'is not of the form scheme://bucket/path?PARAMETER=value');
  if (!/^[a-z0-9$][a-z0-9._-]*$/i.test(bucket)) throw wrong(url, 'names no bucket');
  const segments = withoutSlashes(path.replace(/^\//, ''))
    .split('/')
    .map((segment) => decoded(url, segment));
  if (segments.some((segment) => segment === '..' || segment === '.')) throw wrong(url, 'has . or .. in its path');
  if (segments.some((segment) => /[/\\\0]/.test(segment))) throw wrong(url, 'has a separator or NUL inside a name');
  return { bucket, path: segments.join('/'), parameters: parametersOf(url, query) };
};

const parametersOf = (url: string, query: string): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>();
  for (const parameter of query.split('&').filter((text) => text !== '')) {
    const at = parameter.indexOf('=');
    const name = parameter.slice(0, at);
    // Text that is not a parameter name may be part of a key.
    if (at === -1 || !/^[A-Za-z][A-Za-z_]{0,63}$/.test(name)) throw wrong(url, 'has a parameter without a name');
    if (parameters.has(name)) throw wrong(url, `has ${name} twice`);
    // A plus is a plus: keys contain them, and no value contains a space.
    parameters.set(name, decoded(url, parameter.slice(at + 1)));
  }
  return parameters;
};

const decoded = (url: string, segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw wrong(url, 'has a % that encodes nothing');
  }
};

/** Words, numbers, dates, and a name with a number or a date, as in `year=2026`. */
const PLAIN =
  /^(?:[a-z]?|[A-Z]?[a-z]{2,20}(?:[-_][a-z]{1,20}){0,4}\d{0,2}|v\d{1,3}|(?:[a-z_]{1,20}=)?(?:\d{1,8}|\d{4}-\d\d(?:-\d\d)?))$/;
/** A name of a file: it has an extension. */
const FILE_NAME = /^[^%]{1,64}\.[a-z0-9]{1,8}$/i;

/**
 * The segments of a path that cannot be mistaken for a key. Of a webhook, whose path often is a key, only the first is
 * kept; of a file, its name is kept.
 */
const redactPath = (base: string): string => {
  const [, start = '', hook, path = ''] = /^((webhook-)?https?:\/\/[^/]*\/)(.*)$/is.exec(base) ?? [];
  if (start === '') return base;
  const segments = path.split('/');
  const isShown = (segment: string, at: number) =>
    hook === undefined
      ? PLAIN.test(segment) || (at === segments.length - 1 && FILE_NAME.test(segment))
      : segment === '' || (at === 0 && PLAIN.test(segment));
  return start + segments.map((segment, at) => (isShown(segment, at) ? segment : 'redacted')).join('/');
};

const redactUserInfo = (base: string): string => {
  const [, scheme, authority = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)([^/]*)(.*)$/is.exec(base) ?? [];
  if (scheme === undefined) return base;
  const colon = authority.indexOf(':');
  const end = authority.lastIndexOf('@');
  if (end !== -1) {
    const user = colon !== -1 && colon < end ? authority.slice(0, colon + 1) : '';
    return `${scheme}${user}redacted${authority.slice(end)}${rest}`;
  }
  // A password that contains an unencoded slash: the text after the colon is not a port.
  const isHost = colon === -1 || authority.startsWith('[') || /:\d*$/.test(authority);
  if (isHost || !rest.includes('@')) return base;
  return `${scheme}${authority.slice(0, colon)}:redacted${rest.slice(rest.lastIndexOf('@'))}`;
};

const redactQuery = (query: string): string => `?${query.slice(1).split('&').map(redactParameter).join('&')}`;

const redactParameter = (parameter: string): string => {
  const at = parameter.indexOf('=');
  // Without a name, the whole text may be the secret.
  if (at === -1) return parameter === '' ? '' : 'redacted';
  const name = parameter.slice(0, at);
  const value = parameter.slice(at + 1);
  return `${name}=${HARMLESS.has(name.toUpperCase()) ? redactUserInfo(value) : 'redacted'}`;
};
