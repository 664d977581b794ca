import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { SignalboxError } from '../errors.ts';
import { JSON_TYPE } from './answers.ts';

/** Adds an error message where yoga answers with a status only or passes on a parser's own error. */
export const answerInWords: Plugin = {
  onRequestParse: ({ url, request }) => {
    for (const name of request.method === 'GET' ? ['variables', 'extensions'] : []) {
      const text = url.searchParams.get(name);
      if (text && !isJson(text)) throw new GraphQLError(`Expected "${name}" param to be JSON.`, BAD_REQUEST);
    }
  },
  onParams: ({ params }) => {
    if (params.query === undefined && isPersisted(params.extensions)) throw PERSISTED();
  },
  onResponse: ({ response, setResponse, fetchAPI }) => {
    // nginx would keep back what is streamed until its buffer is full.
    if (response.headers.get('content-type')?.startsWith('text/event-stream'))
      response.headers.set('x-accel-buffering', 'no');
    if (response.status === 413) response.headers.set('connection', 'close');
    if (response.status !== 406 && response.status !== 415) return;
    const field = response.status === 406 ? 'headers.accept' : 'headers.content-type';
    const message = `${field}: answers are application/graphql-response+json, application/json or text/event-stream`;
    const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT', field } }] });
    const headers = { 'content-type': JSON_TYPE };
    setResponse(new fetchAPI.Response(body, { status: response.status, headers }));
  },
};

/** Apollo Client sends the hash of a query first. It sends the query itself after this error, and no hash after that. */
const isPersisted = (extensions: unknown) =>
  typeof extensions === 'object' && extensions !== null && 'persistedQuery' in extensions;
const PERSISTED = () => new SignalboxError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');

const BAD_REQUEST = { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } };

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
