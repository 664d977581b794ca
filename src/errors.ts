/**
 * The closed list of codes that a request error carries in `extensions.code`, with the meaning of each. Adding a code
 * is an API change. The description of the schema prints this list, and docs/errors.md explains how a client should
 * react.
 */
export const ERROR_CODES = {
  BAD_USER_INPUT: 'An argument is invalid. `field` is its path, such as `input.sources.0`. Nothing has changed.',
  UNAUTHENTICATED: 'The request has no valid token, or names no known user.',
  FORBIDDEN: 'The user lacks the privilege that the message names.',
  NOT_FOUND: 'The named object does not exist, or the viewer may not see it.',
  CONFLICT: 'The name is in use. `jobId`, if present, is the job that holds it.',
  COUNT_MISMATCH: 'The number of selected jobs differs from `expectedCount`. Nothing has changed.',
  CHANGED_SINCE: 'A selected job has an event later than `unchangedSince`. Nothing has changed.',
  IDEMPOTENCY_CONFLICT: 'The idempotency key was used before with a different input. Nothing has changed.',
  CURSOR_EXPIRED: 'The cursor is older than the events or messages that are still kept.',
  FILTER_TOO_BROAD: 'The filter would read more rows than the time limit for reads allows.',
  QUERY_TOO_COSTLY:
    'The query exceeds a limit. `cost` and `maxCost` are in the unit of that limit. Nothing was executed.',
  PERSISTED_QUERY_NOT_SUPPORTED: 'The request has the hash of a query. The query itself is required.',
  PAYLOAD_TOO_LARGE: 'The body of the request is larger than the server accepts.',
  TOO_MANY:
    'A limit on requests, connections, subscriptions or objects has been reached. `retryAfterMs`, if present, is when to try again.',
  UNAVAILABLE: 'The job store, a database or the server cannot serve the request now.',
  GRAPHQL_PARSE_FAILED: 'The document is not valid GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit this schema, or a literal in it has the wrong type.',
  INTERNAL_SERVER_ERROR: 'The server failed. `errorId` is in its log, together with the cause.',
} as const;

/** The codes that the server itself uses; the others come from GraphQL or mask a failure. */
export type ErrorCode = Exclude<
  keyof typeof ERROR_CODES,
  'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED' | 'INTERNAL_SERVER_ERROR'
>;

/**
 * The request is invalid or cannot be served now. The message is meant for the caller. Every other error that reaches
 * the API is a server failure and is masked. Apart from the message the error holds only plain data, so that it can
 * cross between threads.
 */
export class SignalboxError extends Error {
  override readonly name = 'SignalboxError';
  readonly code: ErrorCode;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.extensions = extensions;
  }
}

/** @param field the path of the argument, such as `input.sources.0` */
export const badInput = (field: string, message: string) => new SignalboxError('BAD_USER_INPUT', message, { field });
export const unauthenticated = (message: string) => new SignalboxError('UNAUTHENTICATED', message);
export const forbidden = (message: string) => new SignalboxError('FORBIDDEN', message);
export const conflict = (message: string, extensions: Readonly<Record<string, unknown>> = {}) =>
  new SignalboxError('CONFLICT', message, extensions);
export const databaseConflict = (name: string, maker: string | null) =>
  maker === null
    ? conflict(`database ${name} already exists`)
    : conflict(`job ${maker} already makes database ${name}`, { jobId: maker });
export const idempotencyConflict = (message: string) => new SignalboxError('IDEMPOTENCY_CONFLICT', message);
export const cursorExpired = (message: string) => new SignalboxError('CURSOR_EXPIRED', message);
export const filterTooBroad = (message: string) => new SignalboxError('FILTER_TOO_BROAD', message);
export const queryTooCostly = (message: string, costs: { readonly cost: number; readonly maxCost: number }) =>
  new SignalboxError('QUERY_TOO_COSTLY', message, costs);
/** Without `retryAfterMs`, time alone does not help. */
export const tooMany = (message: string, retryAfterMs?: number) =>
  new SignalboxError('TOO_MANY', message, retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(retryAfterMs) });
export const countMismatch = (message: string) => new SignalboxError('COUNT_MISMATCH', message);
export const changedSince = (message: string) => new SignalboxError('CHANGED_SINCE', message);
export const notFound = (message: string) => new SignalboxError('NOT_FOUND', message);
export const unavailable = (message: string) => new SignalboxError('UNAVAILABLE', message);

/** Truncates an error text. Error texts are stored and shown, and must not make rows and answers grow without limit. */
export const cutText = (text: string, limit = 1024) => (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`);

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
