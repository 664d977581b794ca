/** Converts errors to plain data and back, including what they mean to the other side. */
import { type ErrorCode, messageOf, SignalboxError } from '../errors.ts';
import { Fenced, PauseAsked, Transient } from '../jobs/kind.ts';

export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
}

/** Errors that both sides identify by class. */
const CLASSES = { Transient, Fenced, PauseAsked } as const;

export const errorData = (error: unknown): ErrorData => {
  if (!(error instanceof Error)) return { name: 'Error', message: messageOf(error) };
  const { name, message, stack } = error;
  const data = { name, message, ...(stack === undefined ? {} : { stack }) };
  if (error instanceof SignalboxError) return { ...data, code: error.code, extensions: error.extensions };
  return 'code' in error && typeof error.code === 'string' ? { ...data, code: error.code } : data;
};

export const errorOf = ({ name, message, code, extensions, stack }: ErrorData): Error => {
  if (name === 'SignalboxError') return new SignalboxError(code as ErrorCode, message, extensions);
  const known = name in CLASSES;
  const error = known ? new CLASSES[name as keyof typeof CLASSES](message) : new Error(message);
  return Object.assign(
    error,
    known || name === 'Error' ? {} : { name },
    stack === undefined ? {} : { stack },
    code === undefined ? {} : { code },
  );
};
