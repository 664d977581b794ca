/**
 * One request over http or https. A host is checked before it is connected to. Only `follow` follows redirects, so that
 * each target is checked. A transient failure (no connection, no response in time, 429, 5xx) throws Transient; any
 * other refusal is a StorageError.
 */
import http, { type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Transient } from '../jobs/kind.ts';
import { redact, StorageError } from '../storage/url.ts';
import { checkLiteral, isAllowed, lookupPublic, PrivateAddress } from './private-address.ts';

export interface HttpLimits {
  /**
   * The limit for connecting and for the first line of a response, together, and for the interval between two chunks of
   * a body.
   */
  readonly idleMs: number;
}

/** The attempted operation, as errors name it. */
export type Done = 'read' | 'written' | 'removed' | 'listed' | 'reached';

export interface HttpPlace {
  readonly url: URL;
  /** In the form that may be displayed. */
  readonly redacted: string;
  /** Hosts that may have a private address. */
  readonly allowed: readonly string[];
  readonly limits: HttpLimits;
  readonly done: Done;
}

export interface Sending {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
  /** Keeps connections for this server alone. Without an agent, each request has its own connection. */
  readonly agent?: Agent;
}

/** The file does not exist: a folder may be sent for a file that does not exist. */
export class NoSuchFile extends StorageError {}

const MAX_REDIRECTS = 5;

/** The message to post, also to the target of a redirect. */
export interface Posting {
  readonly body: Uint8Array;
  /** Of one server alone: a kept connection leads to an address that was checked for its host. */
  readonly agents: { readonly http: Agent; readonly https: Agent };
}

/** A response of 200, 206 or 416, with its body unread. The caller destroys it. */
export const get = async (
  place: HttpPlace,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> => checked(place, await follow(place, headers, signal));

/** A response that is not a redirect, of any status, with its body unread. The caller destroys it. */
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
    // 303 leads to a page about the result: the message must not be sent there.
    if (next === null || (posting !== undefined && response.statusCode === 303)) return response;
    response.destroy();
    if (redirects === MAX_REDIRECTS)
      throw new StorageError(`${place.redacted} redirects more than ${MAX_REDIRECTS} times`);
    // The target of the redirect is not the server that the credentials are for.
    if (next.origin !== url.origin) given = { ...headers };
    url = next;
  }
};

const sendingOf = (url: URL, headers: Readonly<Record<string, string>>, posting?: Posting): Sending => {
  if (posting === undefined) return { method: 'GET', url, headers };
  const agent = posting.agents[url.protocol === 'https:' ? 'https' : 'http'];
  return { method: 'POST', url, headers, body: posting.body, agent };
};

/** Any response, with its body unread and its redirect not followed. The caller destroys it or reads it to its end. */
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
    const sent = (url.protocol === 'https:' ? https : http).request(
      bare(url),
      // Without an agent of its own, a new connection: a kept one may lead to an address that was checked for another
      // host.
      {
        method,
        headers: { ...headers, ...lengthOf(body) },
        signal,
        agent,
        ...(allowed ? {} : { lookup: lookupPublic }),
      },
      (response) => {
        clearTimeout(late);
        // The response came before the whole request was sent: the rest is not sent.
        if (!sent.writableEnded) response.once('end', () => sent.destroy());
        resolve(response);
      },
    );
    const late = setTimeout(() => {
      sent.destroy(new Transient(`${place.redacted} has not answered for ${idleMs / 1000} s`));
    }, idleMs);
    // The listener stays: a failure after an early response is not reported.
    sent.on('error', (error) => {
      clearTimeout(late);
      fail(error);
    });
    if (body === undefined) sent.end();
    else sendBody(sent, body, () => void late.refresh());
  });

const lengthOf = (body: Uint8Array | undefined) => (body === undefined ? {} : { 'content-length': body.length });

const SLICE_BYTES = 256 * 1024;
const LARGE_BYTES = 1024 * 1024;
const CONTINUE_MS = 1_000;

/**
 * Sends the body in slices, each of which counts as activity. For a large body, waits until the server sends 100
 * Continue.
 */
const sendBody = (sent: ClientRequest, body: Uint8Array, alive: () => void) => {
  const sendFrom = (at: number) => {
    if (sent.destroyed) return;
    if (at >= body.length) return void sent.end();
    sent.write(body.subarray(at, at + SLICE_BYTES), () => {
      alive();
      sendFrom(at + SLICE_BYTES);
    });
  };
  if (body.length < LARGE_BYTES) return sendFrom(0);
  sent.setHeader('expect', '100-continue');
  sent.flushHeaders();
  let begun = false;
  const begin = () => {
    clearTimeout(silent);
    if (!begun) sendFrom(0);
    begun = true;
  };
  // Not every server sends it.
  const silent = setTimeout(begin, CONTINUE_MS);
  sent.once('continue', begin).once('close', () => clearTimeout(silent));
  sent.once('response', () => {
    clearTimeout(silent);
    begun = true;
  });
};

/** The failure of the attempt as a message for people. Errors that already have one are returned unchanged. */
export const failureOf = ({ redacted, done }: HttpPlace, error: unknown, signal: AbortSignal): unknown => {
  if (signal.aborted) return signal.reason;
  if (error instanceof StorageError || error instanceof Transient) return error;
  if (error instanceof PrivateAddress) {
    return new StorageError(`${redacted}: its host is on a private address, and not listed in ALLOW_PRIVATE_HOSTS`);
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOTFOUND') {
    const message = `${redacted}: its host is not known`;
    // A name that is reached repeatedly has been resolved before.
    return done === 'reached' ? new Transient(message) : new StorageError(message);
  }
  if (/^HPE_/.test(code)) return new StorageError(`${redacted} does not answer in HTTP`);
  if (/CERT|TLS|SSL|UNABLE_TO|SELF_SIGNED/.test(code)) {
    return new StorageError(`${redacted} has no certificate that can be trusted (${code})`);
  }
  if (code === '') return error;
  return new Transient(`${redacted} cannot be ${done} now (${code})`);
};

/** The target of a redirect; null if the response is not a redirect. */
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

/** Without the parts that are not sent in the request. */
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
