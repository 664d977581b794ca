/**
 * One request over http or https. A host is checked before it is connected to; redirects are followed here, by `follow`
 * alone, so that each place is checked. What may pass (no connection, no answer in time, 429, 5xx) is Transient; any
 * other refusal is a StorageError.
 */
import http, { type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Transient } from '../jobs/kind.ts';
import { redact, StorageError } from '../storage/url.ts';
import { checkLiteral, isAllowed, lookupPublic, PrivateAddress } from './private-address.ts';

export interface HttpLimits {
  /** For a connection and for the first line of an answer, together, and between two pieces of a body. */
  readonly idleMs: number;
}

/** What was attempted, as errors say it. */
export type Done = 'read' | 'written' | 'removed' | 'listed' | 'reached';

export interface HttpPlace {
  readonly url: URL;
  /** As it may be shown. */
  readonly redacted: string;
  /** Hosts that may be on a private address. */
  readonly allowed: readonly string[];
  readonly limits: HttpLimits;
  readonly done: Done;
}

export interface Sending {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
  /** Keeps connections for this place alone. Without one, each request has its own. */
  readonly agent?: Agent;
}

/** There is no such file: a folder is asked for what may not be there. */
export class NoSuchFile extends StorageError {}

const MAX_REDIRECTS = 5;

/** What is posted, also to where an answer redirects to. */
export interface Posting {
  readonly body: Uint8Array;
  /** Of one place alone: a connection that is kept was made to an address that was checked for its host. */
  readonly agents: { readonly http: Agent; readonly https: Agent };
}

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
  posting?: Posting,
): Promise<IncomingMessage> => {
  let { url } = place;
  let given = { ...headers, ...credentialsOf(url) };
  for (let redirects = 0; ; redirects++) {
    const response = await send(place, sendingOf(url, given, posting), signal);
    const next = nextOf(place, url, response);
    // 303 leads to a page about it: what was sent is not to be sent there.
    if (next === null || (posting !== undefined && response.statusCode === 303)) return response;
    response.destroy();
    if (redirects === MAX_REDIRECTS)
      throw new StorageError(`${place.redacted} redirects more than ${MAX_REDIRECTS} times`);
    // Whoever it leads to is not whom the credentials are for.
    if (next.origin !== url.origin) given = { ...headers };
    url = next;
  }
};

const sendingOf = (url: URL, headers: Readonly<Record<string, string>>, posting?: Posting): Sending => {
  if (posting === undefined) return { method: 'GET', url, headers };
  const agent = posting.agents[url.protocol === 'https:' ? 'https' : 'http'];
  return { method: 'POST', url, headers, body: posting.body, agent };
};

/** Any answer, its body not read, its redirect not followed. Destroy it, or read it to its end. */
export const send = (place: HttpPlace, sending: Sending, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { method, url, headers, body, agent = false } = sending;
    const allowed = isAllowed(url, place.allowed);
    const fail = (error: unknown) => reject(failureOf(place, error, signal));
    try {
      signal.throwIfAborted();
      if (!allowed) checkLiteral(url);
    } catch (error) {
      return fail(error);
    }
    const { idleMs } = place.limits;
    const asked = (url.protocol === 'https:' ? https : http).request(
      bare(url),
      // Without an agent of the place a connection of its own: one that is kept could be to what was checked for another.
      {
        method,
        headers: { ...headers, ...lengthOf(body) },
        signal,
        agent,
        ...(allowed ? {} : { lookup: lookupPublic }),
      },
      (response) => {
        clearTimeout(late);
        // It came before all was sent: the rest is not.
        if (!asked.writableEnded) response.once('end', () => asked.destroy());
        resolve(response);
      },
    );
    const late = setTimeout(() => {
      asked.destroy(new Transient(`${place.redacted} has not answered for ${idleMs / 1000} s`));
    }, idleMs);
    // It stays: what breaks behind an early answer is no news.
    asked.on('error', (error) => {
      clearTimeout(late);
      fail(error);
    });
    if (body === undefined) asked.end();
    else sendBody(asked, body, () => void late.refresh());
  });

const lengthOf = (body: Uint8Array | undefined) => (body === undefined ? {} : { 'content-length': body.length });

const SLICE_BYTES = 256 * 1024;
const LARGE_BYTES = 1024 * 1024;
const CONTINUE_MS = 1_000;

/** In slices, each of which is a sign of life. A large one waits for the server to say that it wants it. */
const sendBody = (asked: ClientRequest, body: Uint8Array, alive: () => void) => {
  const sendFrom = (at: number) => {
    if (asked.destroyed) return;
    if (at >= body.length) return void asked.end();
    asked.write(body.subarray(at, at + SLICE_BYTES), () => {
      alive();
      sendFrom(at + SLICE_BYTES);
    });
  };
  if (body.length < LARGE_BYTES) return sendFrom(0);
  asked.setHeader('expect', '100-continue');
  asked.flushHeaders();
  let begun = false;
  const begin = () => {
    clearTimeout(silent);
    if (!begun) sendFrom(0);
    begun = true;
  };
  // Not every server says so.
  const silent = setTimeout(begin, CONTINUE_MS);
  asked.once('continue', begin).once('close', () => clearTimeout(silent));
  asked.once('response', () => {
    clearTimeout(silent);
    begun = true;
  });
};

/** What became of the attempt, in words for people. Errors that are said already stay as they are. */
export const failureOf = ({ redacted, done }: HttpPlace, error: unknown, signal: AbortSignal): unknown => {
  if (signal.aborted) return signal.reason;
  if (error instanceof StorageError || error instanceof Transient) return error;
  if (error instanceof PrivateAddress) {
    return new StorageError(`${redacted}: its host is on a private address, and not listed in ALLOW_PRIVATE_HOSTS`);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOTFOUND') {
    const said = `${redacted}: its host is not known`;
    // A name that is to be reached again and again was known before.
    return done === 'reached' ? new Transient(said) : new StorageError(said);
  }
  if (/^HPE_/.test(code)) return new StorageError(`${redacted} does not answer in HTTP`);
  if (/CERT|TLS|SSL|UNABLE_TO|SELF_SIGNED/.test(code)) {
    return new StorageError(`${redacted} has no certificate that can be trusted (${code})`);
  }
  if (code === '') return error;
  return new Transient(`${redacted} cannot be ${done} now (${code})`);
};

/** Where an answer redirects to; null when it does not. */
const nextOf = ({ redacted }: HttpPlace, from: URL, { statusCode = 0, headers }: IncomingMessage): URL | null => {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return null;
  const { location = '' } = headers;
  const next = URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  if (next === null || !/^https?:$/.test(next.protocol)) {
    throw new StorageError(`${redacted} redirects to ${redact(location)}, which is no http: or https: URL`);
  }
  if (from.protocol === 'https:' && next.protocol === 'http:') {
    throw new StorageError(`${redacted} redirects from https: to http:`);
  }
  return next;
};

const checked = ({ redacted }: HttpPlace, response: IncomingMessage): IncomingMessage => {
  const { statusCode: status = 0 } = response;
  if (status === 200 || status === 206 || status === 416) return response;
  response.destroy();
  if (status === 408 || status === 429 || status >= 500)
    throw new Transient(`${redacted} cannot be read now (${status})`);
  if (status === 404 || status === 410) throw new NoSuchFile(`${redacted} does not exist (${status})`);
  if (status === 401 || status === 403) throw new StorageError(`${redacted} may not be read (${status})`);
  throw new StorageError(`${redacted} cannot be read (${status})`);
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
