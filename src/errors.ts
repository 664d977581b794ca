/** The closed list of codes that a whole request can fail with. A new one is a change of the API. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'COUNT_MISMATCH'
  | 'CHANGED_SINCE'
  | 'IDEMPOTENCY_CONFLICT'
  | 'CURSOR_EXPIRED'
  | 'FILTER_TOO_BROAD'
  | 'TOO_MANY'
  | 'UNAVAILABLE';

/**
 * What a caller did wrong, or cannot have now: its message is for them. Every other error that reaches the API is
 * ours, and is masked. Plain data beside the message, so that it passes between threads.
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

/** @param field the path of the argument, as `input.sources.0` */
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
export const countMismatch = (message: string) => new SignalboxError('COUNT_MISMATCH', message);
export const changedSince = (message: string) => new SignalboxError('CHANGED_SINCE', message);
export const notFound = (message: string) => new SignalboxError('NOT_FOUND', message);
export const unavailable = (message: string) => new SignalboxError('UNAVAILABLE', message);

/** Error texts are stored and shown: they are cut, so that no row and no answer grows with them. */
export const cutText = (text: string, limit = 1024) => (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`);

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
