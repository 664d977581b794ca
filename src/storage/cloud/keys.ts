/**
 * The keys for a cloud URL: those in the URL, or the server's own if the URL has none. The server's own keys are sent
 * to the server's own endpoint only, and no other source of keys is used.
 */
import { type CloudUrl, StorageError, withoutSlashes } from '../url.ts';

/** The parameters of a scheme. */
export interface Parameters {
  /** Required in a URL that has keys of its own. */
  readonly keys: readonly string[];
  /** Allowed in addition to them. */
  readonly alsoKeys: readonly string[];
  /** The endpoint and the account that the keys are for. */
  readonly environment: readonly string[];
  /** The subset that may also be chosen with the server's own keys. */
  readonly free: readonly string[];
  /** The settings that the server requires, if they differ from those of a URL. */
  readonly serverKeys?: readonly string[];
}

export interface Keys {
  readonly values: Readonly<Record<string, string>>;
  /** The keys are the server's, and so is the endpoint: it may have a private address. */
  readonly isServers: boolean;
}

/**
 * @param shown the URL in the form that may be displayed
 * @param server null for anyone who may not use the server's own keys
 * @throws StorageError for unknown parameters, missing keys, and keys that may not be used
 */
export const keysOf = (
  redacted: string,
  { parameters }: CloudUrl,
  known: Parameters,
  server: Readonly<Record<string, string>> | null,
): Keys => {
  const wrong = (message: string) => new StorageError(`${redacted} ${message}`);
  const ofKeys = [...known.keys, ...known.alsoKeys];
  const names = ['AUTH', ...ofKeys, ...known.environment];
  for (const [name, value] of parameters) {
    if (!names.includes(name)) throw wrong(`has the parameter ${name}, which is none of ${names.join(', ')}`);
    if (value === '') throw wrong(`has an empty ${name}`);
  }
  const auth = parameters.get('AUTH') ?? (ofKeys.some((name) => parameters.has(name)) ? 'specified' : 'implicit');
  if (auth === 'specified') {
    const missing = known.keys.filter((name) => !parameters.has(name));
    if (missing.length > 0) throw wrong(`lacks ${missing.join(' and ')}`);
    return { values: Object.fromEntries(parameters), isServers: false };
  }
  if (auth !== 'implicit') throw wrong('has an AUTH that is neither specified nor implicit');
  if (server === null) throw wrong("has no keys of its own, and only admins use the server's own keys");
  const needed = known.serverKeys ?? known.keys;
  const missing = needed.filter((name) => !server[name]);
  if (missing.length > 0) throw wrong(`has no keys of its own, and the server has no ${missing.join(' and no ')}`);
  for (const [name, value] of parameters) {
    if (name === 'AUTH' || known.free.includes(name) || server[name] === value) continue;
    throw wrong(`has a ${name} other than the server's, and would use the server's own keys: give keys with it`);
  }
  const all = [...needed, ...known.alsoKeys, ...known.environment];
  const own = all.flatMap((name) => (server[name] ? [[name, server[name]] as const] : []));
  const chosen = [...parameters].filter(([name]) => known.free.includes(name));
  return { values: Object.fromEntries([...own, ...chosen]), isServers: true };
};

/** An endpoint that a user or a setting names. @throws StorageError */
export const endpointOf = (redacted: string, name: string, value: string): URL => {
  const url = /^https?:\/\/[^/]/i.test(value) && URL.canParse(value) ? new URL(value) : null;
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new StorageError(`${redacted} has a ${name} that is not of the form https://host:port`);
  }
  url.pathname = withoutSlashes(url.pathname);
  return url;
};

/** The form in which OpenDAL takes an endpoint: without a slash at its end. */
export const addressOf = (endpoint: URL): string => withoutSlashes(endpoint.href);
