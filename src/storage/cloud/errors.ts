/**
 * Refusals of object storage, in our own words. Only a status, a code and a region are taken from a response: the rest
 * may quote signatures. So may the messages of OpenDAL, which are never passed on.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { Transient } from '../../jobs/kind.ts';
import type { Done } from '../../net/request.ts';
import { StorageError } from '../url.ts';

export interface Refusal {
  /** Null if there was no response. */
  readonly status: number | null;
  /** The code of the store or of OpenDAL; empty if there is none. */
  readonly code: string;
  /** The region of the bucket, if the response contains it. */
  readonly region: string | null;
  /** The failure is transient, although there was no response. */
  readonly isPassing: boolean;
}

/** The attempted operation and the URL of the file, in the form that may be displayed. */
export interface About {
  readonly about: string;
  readonly done: Done;
}

/** The meaning of a refusal, to follow the name of the file in a message; null if only the status is known. */
export type WordsOf = (refusal: Refusal) => string | null;

/** A permanent refusal. */
export class CloudError extends StorageError {
  readonly refusal: Refusal;
  /** The file is missing, and nothing else is wrong. */
  readonly isNoFile: boolean;

  constructor(message: string, refusal: Refusal, isNoFile: boolean) {
    super(message);
    this.refusal = refusal;
    this.isNoFile = isNoFile;
  }
}

export const failureOf = (refusal: Refusal, { about, done }: About, wordsOf: WordsOf): Error => {
  const { status, code, isPassing } = refusal;
  const summary = [status ?? '', code].filter((word) => word !== '').join(' ');
  const end = summary === '' ? '' : ` (${summary})`;
  if (isPassing || isPassingStatus(status) || PASSING.has(code)) {
    return new Transient(`${about} cannot be ${done} now${end}`);
  }
  const words = wordsOf(refusal);
  const message = `${about} ${words ?? WORDS[status ?? 0]?.(done) ?? `cannot be ${done}`}${end}`;
  return new CloudError(message, refusal, words === null && status === 404);
};

export const refusalOf = (status: number, headers: IncomingHttpHeaders, text: string): Refusal => {
  const { 'x-ms-error-code': code, 'x-amz-bucket-region': region } = headers;
  return {
    status,
    code: wordIn(typeof code === 'string' ? code : /<Code>([^<]*)<\/Code>/.exec(text)?.[1]),
    region: regionIn(typeof region === 'string' ? region : /<Region>([^<]*)<\/Region>/.exec(text)?.[1]),
    isPassing: false,
  };
};

/**
 * OpenDAL's errors are texts: `NotFound (persistent) at stat, context: { uri: …, response: Parts { status: 404, … } }
 * => …`.
 */
export const refusalOfOperator = (error: unknown): Refusal => {
  const text = error instanceof Error ? error.message : '';
  const status = /response: Parts \{ status: (\d{3})\b/.exec(text)?.[1];
  if (status === undefined) {
    return { status: null, code: wordIn(/^\w+/.exec(text)?.[0]), region: null, isPassing: NO_ANSWER.test(text) };
  }
  // After the response, so that no file name is mistaken for it.
  const response = text.slice(text.indexOf('response: Parts {'));
  return {
    status: Number(status),
    code: wordIn(/Error \{ code: "(\w*)"/.exec(response)?.[1] ?? /\breason: "(\w*)"/.exec(response)?.[1]),
    region: regionIn(/"x-amz-bucket-region": "([^"]*)"/.exec(response)?.[1]),
    isPassing: false,
  };
};

/** After OpenDAL has retried, its errors no longer state that they are temporary. */
const NO_ANSWER =
  /=> (?:send http request, source: (?!error following redirect)|read data from http response|http response got too)|LoadCredential(?!.*exchange token failed)/s;

const wordIn = (word = ''): string => (/^[A-Za-z_]{1,64}$/.test(word) ? word : '');
const regionIn = (region = ''): string | null => (/^[a-z0-9-]{1,64}$/.test(region) ? region : null);

const isPassingStatus = (status: number | null) =>
  status !== null && ((status >= 500 && status !== 501) || status === 408 || status === 429);

/** Some long requests are answered by 200 before they fail. */
const PASSING = new Set([
  'RequestTimeout',
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'OperationAborted',
  'OperationTimedOut',
  'ServerBusy',
]);

const WORDS: Readonly<Record<number, (done: Done) => string>> = {
  401: () => 'may not be used: its keys are not accepted',
  403: (done) => `may not be ${done}: permission denied`,
  404: (done) => (done === 'listed' ? 'cannot be listed: there is no such place' : 'does not exist'),
  501: (done) => `cannot be ${done}: its store does not know how`,
};
