/**
 * One GET over http or https. Redirects are followed here, so that each place is checked before it is connected to.
 * What may pass (no connection, no answer in time, 429, 5xx) is Transient; any other refusal is a StorageError.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Transient } from '../jobs/kind.ts';
import { checkLiteral, isAllowed, lookupPublic, PrivateAddress } from './address.ts';
import { redact, StorageError } from './url.ts';

export interface HttpLimits {
  /** For a connection and for the first line of an answer, together, and between two pieces of a body. */
  readonly idleMs: number;
}

export interface HttpPlace {
  readonly url: URL;
  /** As it may be shown. */
  readonly shown: string;
  /** Hosts that may be on a private address. */
  readonly allowed: readonly string[];
  readonly limits: HttpLimits;
  /** What is done there, for messages; left out: it is read. */
  readonly done?: 'reached';
}

/** What is sent with a request that is no GET. */
export interface Sending {
  readonly body: Uint8Array;
  /** Of one place alone: a connection that is kept was made to an address that was checked for its host. */
  readonly agents: { readonly http: http.Agent; readonly https: https.Agent };
}

const MAX_REDIRECTS = 5;

/** An answer of 200, 206 or 416, its body not read. Destroy it. */
export const get = async (
  place: HttpPlace,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> => checked(place, await follow(place, headers, signal));

/** An answer that is no redirect, whatever its status, its body not read. Destroy it. */
export const follow = async (
  place: HttpPlace,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  sending?: Sending,
): Promise<IncomingMessage> => {
  let { url } = place;
  let given = { ...headers, ...credentialsOf(url) };
  for (let redirects = 0; ; redirects++) {
    const response = await request(place, url, given, signal, sending);
    const next = nextOf(place, url, response);
    // 303 leads to a page about it: what was sent is not to be sent there.
    if (next === null || (sending !== undefined && response.statusCode === 303)) return response;
    response.destroy();
    if (redirects === MAX_REDIRECTS)
      throw new StorageError(`${place.shown} redirects more than ${MAX_REDIRECTS} times`);
    // Whoever it leads to is not whom the credentials are for.
    if (next.origin !== url.origin) given = { ...headers };
    url = next;
  }
};

/** What became of the attempt, in words for people. Errors that are said already stay as they are. */
export const failureOf = ({ shown, done }: HttpPlace, error: unknown, signal: AbortSignal): unknown => {
  if (signal.aborted) return signal.reason;
  if (error instanceof StorageError || error instanceof Transient) return error;
  if (error instanceof PrivateAddress) {
    return new StorageError(`${shown}: its host is on a private address, and not listed in ALLOW_PRIVATE_HOSTS`);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOTFOUND') {
    const said = `${shown}: its host is not known`;
    // A name that is to be reached again and again was known before.
    return done === undefined ? new StorageError(said) : new Transient(said);
  }
  if (/^HPE_/.test(code)) return new StorageError(`${shown} does not answer in HTTP`);
  if (/CERT|TLS|SSL|UNABLE_TO|SELF_SIGNED/.test(code)) {
    return new StorageError(`${shown} has no certificate that can be trusted (${code})`);
  }
  if (code === '') return error;
  return new Transient(`${shown} cannot be ${done ?? 'read'} now (${code})`);
};

const request = (
  place: HttpPlace,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  sending?: Sending,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const allowed = isAllowed(url, place.allowed);
    const fail = (error: unknown) => reject(failureOf(place, error, signal));
    try {
      signal.throwIfAborted();
      if (!allowed) checkLiteral(url);
    } catch (error) {
      return fail(error);
    }
    const { idleMs } = place.limits;
    const secure = url.protocol === 'https:';
    const asked = (secure ? https : http).request(
      bare(url),
      {
        method: sending === undefined ? 'GET' : 'POST',
        headers,
        signal,
        // A connection of its own: one that is kept could be to an address that was checked for another host.
        agent: sending === undefined ? false : sending.agents[secure ? 'https' : 'http'],
        ...(allowed ? {} : { lookup: lookupPublic }),
      },
      (response) => {
        clearTimeout(late);
        resolve(response);
      },
    );
    const late = setTimeout(() => {
      asked.destroy(new Transient(`${place.shown} has not answered for ${idleMs / 1000} s`));
    }, idleMs);
    asked.on('error', (error) => {
      clearTimeout(late);
      fail(error);
    });
    asked.end(sending?.body);
  });

/** Where an answer redirects to; null when it does not. */
const nextOf = ({ shown }: HttpPlace, from: URL, { statusCode = 0, headers }: IncomingMessage): URL | null => {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return null;
  const { location = '' } = headers;
  const next = URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  if (next === null || !/^https?:$/.test(next.protocol)) {
    throw new StorageError(`${shown} redirects to ${redact(location)}, which is no http: or https: URL`);
  }
  if (from.protocol === 'https:' && next.protocol === 'http:') {
    throw new StorageError(`${shown} redirects from https: to http:`);
  }
  return next;
};

const checked = ({ shown }: HttpPlace, response: IncomingMessage): IncomingMessage => {
  const { statusCode: status = 0 } = response;
  if (status === 200 || status === 206 || status === 416) return response;
  response.destroy();
  if (status === 408 || status === 429 || status >= 500) throw new Transient(`${shown} cannot be read now (${status})`);
  if (status === 404 || status === 410) throw new StorageError(`${shown} does not exist (${status})`);
  if (status === 401 || status === 403) throw new StorageError(`${shown} may not be read (${status})`);
  throw new StorageError(`${shown} cannot be read (${status})`);
};

/** Without what is not sent as a part of the address. */
const bare = (url: URL): URL => {
  const sent = new URL(url);
  sent.username = '';
  sent.password = '';
  sent.hash = '';
  return sent;
};

const credentialsOf = ({ username, password }: URL): Record<string, string> => {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
};
