/** An answer that is an error. `code` is one of those in docs/errors.md. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  /** The field of the input that is wrong, such as `input.table`; null for other errors. */
  readonly field: string | null;
  /** Everything that the server says about the error. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = typeof extensions.code === 'string' ? extensions.code : 'INTERNAL_SERVER_ERROR';
    this.field = typeof extensions.field === 'string' ? extensions.field : null;
    this.extensions = extensions;
  }
}

/** An error in an answer, as GraphQL has it. */
export interface AnsweredError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The first error of an answer. */
export const errorOf = ([first]: readonly AnsweredError[]): ApiError =>
  new ApiError(first?.message ?? 'the server answered with an error that has no message', first?.extensions);

/** Errors that pass by themselves. */
const PASSING = ['UNAVAILABLE', 'TOO_MANY', 'INTERNAL_SERVER_ERROR'];
/** Close codes that a retry would only repeat: the address, the user or the program is wrong. */
const LASTING_CLOSES = [4004, 4005, 4400, 4401, 4403, 4406, 4409, 4429];

/** Whether a stream that ended with this error may be opened again. */
export const isPassing = (error: unknown): boolean => {
  if (error instanceof ApiError) return PASSING.includes(error.code);
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code !== 'number' || !LASTING_CLOSES.includes(code);
};

/** The error of a stream that has ended: the answer's own, or one that has the close code. */
export const streamError = (error: unknown): Error => {
  if (Array.isArray(error)) return errorOf(error as readonly AnsweredError[]);
  if (error instanceof Error) return error;
  const { code, reason } = (error ?? {}) as { readonly code?: number; readonly reason?: string };
  return Object.assign(new Error(reason || `the connection was closed with ${code ?? 'no code'}`), { code });
};
