/**
 * What a store of objects says when it refuses, in our own words. Of its answer only a status, a code and a region are
 * taken: the rest may quote signatures, and so may what OpenDAL says, which is never passed on.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { Transient } from '../../jobs/kind.ts';
import type { Done } from '../../net/request.ts';
import { StorageError } from '../url.ts';

export interface Refusal {
  /** Null when there was no answer. */
  readonly status: number | null;
  /** The store's own word, or OpenDAL's; empty where there is none. */
  readonly code: string;
  /** Where the bucket is, if that was said. */
  readonly region: string | null;
  /** It passes, though nothing was answered. */
  readonly isPassing: boolean;
}

/** What was attempted, with which file as it may be shown. */
export interface About {
  readonly about: string;
  readonly done: Done;
}

/** What a refusal means, to be said behind the name of the file; null for one that is only a number. */
export type WordsOf = (refusal: Refusal) => string | null;

/** A refusal that is final. */
export class CloudError extends StorageError {
  readonly refusal: Refusal;
  /** The file is missing, and nothing else. */
  readonly isNoFile: boolean;

  constructor(message: string, refusal: Refusal, isNoFile: boolean) {
    super(message);
    this.refusal = refusal;
    this.isNoFile = isNoFile;
  }
}

export const failureOf = (refusal: Refusal, { about, done }: About, wordsOf: WordsOf): Error => {
  const { status, code, isPassing } = refusal;
  const said = [status ?? '', code].filter((word) => word !== '').join(' ');
  const end = said === '' ? '' : ` (${said})`;
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

/** Its errors are texts: `NotFound (persistent) at stat, context: { uri: …, response: Parts { status: 404, … } } => …`. */
export const refusalOfOperator = (error: unknown): Refusal => {
  const text = error instanceof Error ? error.message : '';
  const status = /response: Parts \{ status: (\d{3})\b/.exec(text)?.[1];
  if (status === undefined) {
    return { status: null, code: wordIn(/^\w+/.exec(text)?.[0]), region: null, isPassing: NO_ANSWER.test(text) };
  }
  // Behind the response, so that no name of a file is taken for it.
  const said = text.slice(text.indexOf('response: Parts {'));
  return {
    status: Number(status),
    code: wordIn(/Error \{ code: "(\w*)"/.exec(said)?.[1] ?? /\breason: "(\w*)"/.exec(said)?.[1]),
    region: regionIn(/"x-amz-bucket-region": "([^"]*)"/.exec(said)?.[1]),
    isPassing: false,
  };
};

/** That it calls such errors temporary is lost when it has tried again. */
const NO_ANSWER =
  /=> (?:send http request, source: (?!error following redirect)|read data from http response|http response got too)|LoadCredential(?!.*exchange token failed)/s;

const wordIn = (word = ''): string => (/^[A-Za-z_]{1,64}$/.test(word) ? word : '');
const regionIn = (region = ''): string | null => (/^[a-z0-9-]{1,64}$/.test(region) ? region : null);

const isPassingStatus = (status: number | null) =>
  status !== null && ((status >= 500 && status !== 501) || status === 408 || status === 429);

/** Some requests that take long are answered by 200 before they fail. */
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
