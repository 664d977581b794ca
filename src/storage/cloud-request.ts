/**
 * Requests to a store of objects: signed anew for each try, tried again when what went wrong may pass, and said in
 * our own words when it did not. No redirect is followed: it would lead signed requests elsewhere.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import pRetry from 'p-retry';
import { Transient } from '../jobs/kind.ts';
import { bodyOf } from './http.ts';
import { type Done, type HttpPlace, send } from './http-request.ts';
import { StorageError } from './url.ts';

export interface CloudLimits {
  readonly idleMs: number;
  /** Before the second try; it doubles with each. */
  readonly retryMs: number;
}

export const CLOUD_LIMITS: CloudLimits = { idleMs: 30_000, retryMs: 200 };
const TRIES = 5;
/** No further try when this has passed: a server that never answers has been waited for once. */
const TRYING_MS = 15_000;
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

export interface CloudRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The file that it is about, as it may be shown. */
  readonly about: string;
  readonly done: Done;
  /** A status besides 2xx that is no refusal. */
  readonly also?: number;
}

/** Adds to the headers what proves who asks. */
export type Sign = (
  request: CloudRequest,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** A refusal: other than 2xx, and final. */
class Refused extends StorageError {
  readonly status: number;
  /** The store's own word, where it has one. */
  readonly code: string;
  /** Of the failures before it that may have been none, as far as the store is concerned. */
  readonly failedBefore: number;

  constructor(message: string, status: number, code: string, failedBefore: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.failedBefore = failedBefore;
  }
}

/** The answer; null for a refusal that is an answer too. */
export const unless = async <T>(isAnswer: (refused: Refused) => boolean, asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Refused && isAnswer(error)) return null;
    throw error;
  }
};

export interface CloudAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export type CloudClient = ReturnType<typeof cloudClient>;

export const cloudClient = ({
  allowed,
  limits,
  sign,
  wordsOf,
}: {
  /** Hosts that may be on a private address. */
  readonly allowed: readonly string[];
  readonly limits: CloudLimits;
  readonly sign: Sign;
  /** What a refusal means, to be said behind the name of the file; null for one that is only a number. */
  readonly wordsOf: (code: string, answer: CloudAnswer) => string | null;
}) => {
  const options = { keepAlive: true, maxFreeSockets: 1, timeout: 10_000 };
  // Of this place alone, so that a kept connection is to an address that was checked for it.
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };

  const once = async (request: CloudRequest, before: number, signal: AbortSignal): Promise<Answering> => {
    const { method, url, body, about, done, also } = request;
    const place: HttpPlace = { url, shown: about, allowed, limits, done };
    const headers = await sign(request, { ...PLAIN, ...request.headers }, signal);
    const agent = agents[url.protocol as keyof typeof agents];
    const response = await send(place, { method, url, headers, agent, ...(body && { body }) }, signal);
    const { statusCode: status = 0 } = response;
    if ((status >= 200 && status < 300) || status === also) return { place, response };
    const answer = { status, headers: response.headers, text: await textOf(place, response, signal) };
    throw failureOf(answer, request, before, wordsOf);
  };

  const tried = <T>(signal: AbortSignal, attempt: (before: number) => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    return pRetry((count) => attempt(count - 1), {
      retries: TRIES - 1,
      minTimeout: limits.retryMs,
      randomize: true,
      maxRetryTime: TRYING_MS,
      signal,
      shouldRetry: (error) => error instanceof Transient,
    });
  };

  return {
    /** Asks, and reads all of a short answer. @throws Refused, another StorageError, Transient */
    ask: (request: CloudRequest, signal: AbortSignal): Promise<CloudAnswer> =>
      tried(signal, async (before) => {
        const { place, response } = await once(request, before, signal);
        const text = await textOf(place, response, signal);
        const answer = { status: response.statusCode ?? 0, headers: response.headers, text };
        // Some requests that take long are answered by 200 before they fail.
        if (/^\s*(<\?xml[^>]*>\s*)?<Error>/.test(text)) {
          throw failureOf({ ...answer, status: 500 }, request, before, wordsOf);
        }
        return answer;
      }),

    /** Asks for what is long. Whoever has the answer closes it. */
    open: async (request: CloudRequest, signal: AbortSignal) => {
      const { place, response } = await tried(signal, (before) => once(request, before, signal));
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
    if (bytes > MAX_TEXT_BYTES) throw new StorageError(`${place.shown}: its store answers too much`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
};

const failureOf = (
  answer: CloudAnswer,
  { about, done }: CloudRequest,
  before: number,
  wordsOf: (code: string, answer: CloudAnswer) => string | null,
): Error => {
  const { status } = answer;
  const code = codeOf(answer);
  const number = code === '' ? `${status}` : `${status} ${code}`;
  if ((status >= 500 && status !== 501) || status === 408 || status === 429 || PASSING.has(code)) {
    return new Transient(`${about} cannot be ${done} now (${number})`);
  }
  const words = wordsOf(code, answer) ?? WORDS[status]?.(done) ?? `cannot be ${done}`;
  return new Refused(`${about} ${words} (${number})`, status, code, before);
};

const PASSING = new Set(['RequestTimeout', 'SlowDown', 'OperationAborted', 'OperationTimedOut', 'ServerBusy']);

const WORDS: Readonly<Record<number, (done: Done) => string>> = {
  401: () => 'may not be used: its keys are not accepted',
  403: (done) => `may not be ${done}: permission denied`,
  404: () => 'does not exist',
  501: (done) => `cannot be ${done}: its store does not know how`,
};

/** The store's word for what is wrong: nothing else of its answer is ever shown. */
const codeOf = ({ headers, text }: CloudAnswer): string => {
  const { 'x-ms-error-code': header } = headers;
  const code = typeof header === 'string' ? header : (/<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? reasonOf(text));
  return /^[A-Za-z_]{1,64}$/.test(code) ? code : '';
};

const reasonOf = (text: string): string => /"(?:reason|error)":\s*"([A-Za-z_]+)"/.exec(text)?.[1] ?? '';
