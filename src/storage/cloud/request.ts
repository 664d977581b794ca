/**
 * Requests signed by OpenDAL and sent by our own HTTP client: signed again for each attempt, retried after a transient
 * failure, and reported in our own words after any other. Redirects are not followed: they would lead signed requests
 * elsewhere.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { PresignedRequest } from 'opendal';
import pRetry from 'p-retry';
import { Transient } from '../../jobs/kind.ts';
import { type HttpPlace, type Sending, send } from '../../net/request.ts';
import { bodyOf } from '../http/file.ts';
import { StorageError } from '../url.ts';
import { type About, failureOf, refusalOf, type WordsOf } from './errors.ts';

export interface CloudLimits {
  readonly idleMs: number;
  /** The delay before the second attempt; it doubles with each. */
  readonly retryMs: number;
  /** The time limit for calls that OpenDAL makes: removing a file, and sending one part of a file. */
  readonly callMs: number;
  /** The time limit for calls that OpenDAL makes: listing all names. */
  readonly listMs: number;
}

export const CLOUD_LIMITS: CloudLimits = { idleMs: 30_000, retryMs: 200, callMs: 120_000, listMs: 600_000 };
export const TRIES = 5;
/** No further attempt after this time: an unresponsive server has used up one timeout by then. */
const TRYING_MS = 15_000;
const MAX_TEXT_BYTES = 1024 * 1024;

export interface CloudRequest extends About {
  /** The result is a secret: anyone who has it may send that request, for a while. */
  readonly sign: () => Promise<PresignedRequest>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export const cloudClient = ({
  endpoint,
  allowed,
  limits,
  wordsOf,
}: {
  readonly endpoint: URL;
  /** Hosts that may have a private address. */
  readonly allowed: readonly string[];
  readonly limits: CloudLimits;
  readonly wordsOf: WordsOf;
}) => {
  const options = { keepAlive: true, maxFreeSockets: 1, timeout: 10_000 };
  // Of this endpoint alone, so that a kept connection leads to an address that was checked for it.
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };

  const once = async (request: CloudRequest, signal: AbortSignal): Promise<Answering> => {
    const { sign, body, about: redacted, done } = request;
    const signed = await sign();
    const url = new URL(signed.url);
    // Kept connections and permissions are valid for this endpoint alone.
    if (url.host !== endpoint.host) throw new StorageError(`${redacted} is signed for another host than it names`);
    const place: HttpPlace = { url, redacted, allowed, limits, done };
    const method = signed.method as Sending['method'];
    const headers = { ...PLAIN, ...signed.headers, ...request.headers };
    const agent = agents[url.protocol as keyof typeof agents];
    const response = await send(place, { method, url, headers, agent, ...(body && { body }) }, signal);
    const { statusCode: status = 0 } = response;
    if (status >= 200 && status < 300) return { place, response };
    const refusal = refusalOf(status, response.headers, await textOf(place, response, signal));
    throw failureOf(refusal, request, wordsOf);
  };

  const tried = <T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    return pRetry(attempt, {
      retries: TRIES - 1,
      minTimeout: limits.retryMs,
      randomize: true,
      maxRetryTime: TRYING_MS,
      signal,
      shouldRetry: (error) => error instanceof Transient,
    });
  };

  return {
    /** Sends a request and returns the headers of the response. @throws StorageError, Transient */
    ask: (request: CloudRequest, signal: AbortSignal): Promise<IncomingMessage['headers']> =>
      tried(signal, async () => {
        const { place, response } = await once(request, signal);
        await textOf(place, response, signal);
        return response.headers;
      }),

    /** Sends a request for a long response. The caller closes the response. */
    open: async (request: CloudRequest, signal: AbortSignal) => {
      const { place, response } = await tried(signal, () => once(request, signal));
      return { response, body: bodyOf(place, response, signal), close: () => void response.destroy() };
    },
  };
};

interface Answering {
  readonly place: HttpPlace;
  readonly response: IncomingMessage;
}

const PLAIN = { 'accept-encoding': 'identity', 'user-agent': 'signalbox' };

const textOf = async (place: HttpPlace, response: IncomingMessage, signal: AbortSignal): Promise<string> => {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of bodyOf(place, response, signal)) {
    bytes += piece.length;
    if (bytes > MAX_TEXT_BYTES) throw new StorageError(`${place.redacted}: its store answers too much`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
};
