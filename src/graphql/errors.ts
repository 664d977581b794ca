import { randomUUID } from 'node:crypto';
import { BREAK, GraphQLError, parse, visit } from 'graphql';
import type { Logger } from 'pino';
import { type ErrorCode, SignalboxError } from '../errors.ts';

type Extensions = Readonly<Record<string, unknown>>;

/**
 * Turns an error into what is sent, with one code of the closed list: a SignalboxError as it is; an error of graphql or
 * yoga about the request as BAD_USER_INPUT or with their own code; everything else as INTERNAL_SERVER_ERROR with an id,
 * under which the log has the cause. An error that has been through here is returned unchanged. `extensions.http` sets
 * the status of the answer and is not sent.
 */
export const createMaskError = (log: Logger) => {
  const masked = new WeakSet<object>();
  const internal = (error: unknown, cause: unknown) => {
    const errorId = randomUUID();
    log.error(
      { err: cause, errorId, path: error instanceof GraphQLError ? error.path : undefined },
      'a request failed',
    );
    return withExtensions(error, 'internal server error', { code: 'INTERNAL_SERVER_ERROR', errorId });
  };
  return (error: unknown): GraphQLError => {
    const chain = chainOf(error);
    const known = chain.find((link) => masked.has(link as object));
    if (known !== undefined) return known as GraphQLError;
    const cause = chain.at(-1);
    const answer =
      cause instanceof SignalboxError ? ofSignalbox(error, cause) : (ofRequest(error, chain) ?? internal(error, cause));
    masked.add(answer);
    return answer;
  };
};

/** An error and the errors that it wraps, the original cause last. */
const chainOf = (error: unknown): readonly unknown[] => {
  const chain = [error];
  for (let link = error; link instanceof GraphQLError && link.originalError; link = chain.at(-1)) {
    chain.push(link.originalError);
  }
  return chain;
};

const ofSignalbox = (error: unknown, { code, message, extensions }: SignalboxError) => {
  const http = STATUS[code];
  const isWhole = !(error instanceof GraphQLError) || error.path === undefined;
  return withExtensions(error, message, {
    code,
    ...extensions,
    ...(isWhole && http !== undefined ? { http } : {}),
  });
};

/** 400; for a client that accepts only application/json it is 200, as GraphQL over HTTP specifies. */
const BAD_REQUEST = { spec: true, status: 400 };

/** The status of an answer that consists of one error only. */
const STATUS: Partial<Readonly<Record<ErrorCode, object>>> = {
  BAD_USER_INPUT: BAD_REQUEST,
  UNAUTHENTICATED: { status: 401 },
  QUERY_TOO_COSTLY: BAD_REQUEST,
  PERSISTED_QUERY_NOT_SUPPORTED: BAD_REQUEST,
  PAYLOAD_TOO_LARGE: { status: 413 },
  TOO_MANY: { status: 429 },
  UNAVAILABLE: { status: 503 },
};

/** An error of graphql or yoga about the request. Null for any other: a failure of a resolver, wrapped or not. */
const ofRequest = (error: unknown, chain: readonly unknown[]): GraphQLError | null => {
  if (!(error instanceof GraphQLError)) return null;
  // graphql wraps its errors about variables and arguments as it wraps failures of resolvers: only the message differs.
  const cause =
    chain.length === 1 ? error : chain.find((link) => link instanceof GraphQLError && OF_INPUT.test(link.message));
  if (!(cause instanceof GraphQLError)) return null;
  const { code, http } = cause.extensions;
  if (code === 'GRAPHQL_PARSE_FAILED' || cause.message.startsWith('Syntax Error')) {
    return withExtensions(error, cause.message, { code: 'GRAPHQL_PARSE_FAILED', http: http ?? BAD_REQUEST });
  }
  if ((http as { readonly status?: number } | undefined)?.status === 413) {
    return withExtensions(error, cause.message, { code: 'PAYLOAD_TOO_LARGE', field: 'body', http });
  }
  if (code === 'GRAPHQL_VALIDATION_FAILED') return withExtensions(error, cause.message, { code, http });
  const field = fieldOf(cause);
  if (field === 'body') {
    return withExtensions(error, cause.message, { code: 'BAD_USER_INPUT', field, http: { status: 400 } });
  }
  return withExtensions(error, cause.message, {
    code: 'BAD_USER_INPUT',
    field,
    ...(error.path === undefined ? { http: http && !OF_INPUT.test(cause.message) ? http : BAD_REQUEST } : {}),
  });
};

const OF_INPUT = /^(Variable "\$|Argument ")/;

const withExtensions = (error: unknown, message: string, extensions: Extensions) => {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes = null, source = null, positions = null, path = null } = error;
  return new GraphQLError(message, { extensions, nodes, source, positions, path });
};

/**
 * The path of the argument that one of graphql's or yoga's own errors is about, such as `jobs.ids.0`. They name the
 * variable or argument in their messages only, and clients know arguments, not what a document calls its variables.
 */
const fieldOf = ({ message, source }: GraphQLError): string => {
  const variable = /^Variable "\$(\w+)"/.exec(message)?.[1];
  if (variable !== undefined) {
    const within = / at "\w+([^"]*)"; /.exec(message)?.[1] ?? '';
    return `${argumentOf(variable, source?.body) ?? variable}${within.replace(/\[(\d+)\]/g, '.$1')}`;
  }
  for (const [pattern, field] of MESSAGES) {
    const found = pattern.exec(message);
    if (found !== null) return field ?? found[1] ?? 'query';
  }
  return 'query';
};

/** Messages of yoga and graphql about a request as a whole, and the field of each. Null: the message names it. */
const MESSAGES: readonly (readonly [RegExp, string | null])[] = [
  [/^Argument "(\w+)"/, null],
  [/^Expected "(\w+)" param/, null],
  [/^Unexpected parameter "(.*)" in/, null],
  [/POST requests?\./, 'method'],
  [/operation/i, 'operationName'],
  [/body|params|Batching/, 'body'],
  [/Content-Length/, 'headers.content-length'],
];

/** Where a document first uses a variable, as the path of that argument. */
export const argumentOf = (variable: string, body: string | undefined): string | null => {
  if (body === undefined) return null;
  const path: string[] = [];
  let found: string | null = null;
  const named = {
    enter: ({ name }: { readonly name: { readonly value: string } }) => void path.push(name.value),
    leave: () => void path.pop(),
  };
  visit(parse(body), {
    Argument: named,
    ObjectField: named,
    Variable: ({ name }) => {
      if (path.length === 0 || name.value !== variable) return undefined;
      found = path.join('.');
      return BREAK;
    },
  });
  return found;
};
