/** Answers that need no operation: refusals of requests, and small pieces of JSON. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { cutText } from '../errors.ts';

/**
 * Accepts only JSON, so that a page of another site cannot make a browser send a mutation without a preflight request.
 */
export const refuseBody = ({ method, headers }: IncomingMessage) => {
  if (method !== 'POST') return null;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return null;
  return { status: 415, message: `content-type ${cutText(type ?? 'none', 100)}: requests are application/json` };
};

/**
 * A page of another site can make a browser send a GET that carries no Origin, as an image does. It must not subscribe:
 * a subscription to a changefeed acknowledges rows, and removes them.
 */
export const refuseForeign = ({ method, url = '', headers }: IncomingMessage, endpoint: string) => {
  const site = headers['sec-fetch-site'];
  const isForeign = (site === 'cross-site' || site === 'same-site') && headers.origin === undefined;
  if (method !== 'GET' || !isForeign || !url.startsWith(`${endpoint}?`)) return null;
  return { status: 403, message: `sec-fetch-site ${site}: a page of another site may not send operations by GET` };
};

/**
 * On every answer, errors included: it is what its type says, no other site may embed it, and pages of the allowed
 * origins may read it.
 */
export const setHeaders = (
  { headers }: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: readonly string[],
) => {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('referrer-policy', 'no-referrer');
  if (allowedOrigins.length === 0) return;
  response.setHeader('vary', 'origin');
  if (headers.origin === undefined || !allowedOrigins.includes(headers.origin)) return;
  response.setHeader('access-control-allow-origin', headers.origin);
  response.setHeader('access-control-allow-credentials', 'true');
};

export const STOPPING = { status: 503, message: 'the server is stopping' };

export const JSON_TYPE = 'application/json; charset=utf-8';

export const sendJson = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { 'content-type': JSON_TYPE }).end(JSON.stringify(body));
};

export const redirect = (response: ServerResponse, location: string) => {
  response.writeHead(308, { location, 'content-length': 0 }).end();
};

/** Refuses a request before there is an operation. It does not wait for a body that is not going to be read. */
export const sendError = (response: ServerResponse, status: number, message: string) => {
  response.setHeader('connection', 'close');
  sendJson(response, status, { errors: [{ message, extensions: EXTENSIONS[status] }] });
};
export const sendExcess = (response: ServerResponse, error: GraphQLError) => {
  const { http: _, ...extensions } = error.extensions;
  response.setHeader('retry-after', Math.ceil(Number(extensions.retryAfterMs) / 1_000));
  response.setHeader('connection', 'close');
  sendJson(response, 429, { errors: [{ message: error.message, extensions }] });
};
const EXTENSIONS: Readonly<Record<number, object>> = {
  403: { code: 'FORBIDDEN' },
  404: { code: 'NOT_FOUND' },
  415: { code: 'BAD_USER_INPUT', field: 'headers.content-type' },
  503: { code: 'UNAVAILABLE' },
};

/** Answers with an error of an operation that is no GraphQL. */
export const sendRefusal = (response: ServerResponse, { message, extensions }: GraphQLError) => {
  const { http: _, ...shown } = extensions;
  response.setHeader('connection', 'close');
  sendJson(response, uploadStatus(String(extensions.code)), { errors: [{ message, extensions: shown }] });
};

/**
 * The status of a refused upload. Clients of its protocol take 409 for a wrong offset, and try again: a name that is
 * taken is 400.
 */
export const uploadStatus = (code: string): number => UPLOAD_STATUS[code] ?? 500;
const UPLOAD_STATUS: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  CONFLICT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  PAYLOAD_TOO_LARGE: 413,
  TOO_MANY: 429,
  UNAVAILABLE: 503,
};
