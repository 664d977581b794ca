/** Errors of statements: each has an SQLSTATE and, where a part of the text is at fault, its position. */
import { type ErrorCode, SignalboxError } from '../errors.ts';

/** Codes of PostgreSQL, appendix A of its manual. */
export const STATES = {
  syntax: '42601',
  notSupported: '0A000',
  undefinedColumn: '42703',
  undefinedTable: '42P01',
  undefinedObject: '42704',
  undefinedFunction: '42883',
  undefinedParameter: '42P02',
  invalidText: '22P02',
  invalidValue: '22023',
  invalidBytes: '22021',
  outOfRange: '22003',
  wrongState: '55000',
  privileges: '42501',
  canceled: '57014',
  tooComplex: '54001',
  tooLong: '54000',
  tooMany: '53300',
  protocol: '08P01',
  notLoggedIn: '28000',
  wrongPassword: '28P01',
  shutdown: '57P01',
  undefinedStatement: '26000',
  undefinedPortal: '34000',
  duplicateStatement: '42P05',
  duplicateCursor: '42P03',
  internal: 'XX000',
} as const;
export type State = keyof typeof STATES;

/**
 * @param position where the text is wrong, from 1, in characters. Undefined: the error is about the whole statement
 */
export const sqlError = (state: State, message: string, position?: number): SignalboxError =>
  new SignalboxError('BAD_USER_INPUT', message, {
    field: 'sql',
    sqlState: STATES[state],
    ...(position === undefined ? {} : { position }),
  });

const OF_CODE: Readonly<Record<ErrorCode, string>> = {
  BAD_USER_INPUT: STATES.invalidValue,
  UNAUTHENTICATED: STATES.notLoggedIn,
  FORBIDDEN: STATES.privileges,
  NOT_FOUND: STATES.undefinedObject,
  CONFLICT: '42710',
  COUNT_MISMATCH: '40001',
  CHANGED_SINCE: '40001',
  IDEMPOTENCY_CONFLICT: '42710',
  CURSOR_EXPIRED: STATES.wrongState,
  FILTER_TOO_BROAD: STATES.canceled,
  QUERY_TOO_COSTLY: STATES.tooLong,
  PERSISTED_QUERY_NOT_SUPPORTED: STATES.notSupported,
  PAYLOAD_TOO_LARGE: STATES.tooLong,
  TOO_MANY: STATES.tooMany,
  UNAVAILABLE: '57P03',
};

export const stateOf = ({ code, extensions }: SignalboxError): string =>
  typeof extensions.sqlState === 'string' ? extensions.sqlState : OF_CODE[code];

/** The same error with its SQLSTATE. An error that is no SignalboxError is a failure of the server, and stays as it is. */
export const withState = (error: unknown): unknown =>
  error instanceof SignalboxError && error.extensions.sqlState === undefined
    ? new SignalboxError(error.code, error.message, { ...error.extensions, sqlState: stateOf(error) })
    : error;

/** The SQLSTATE of each reason for which a job refuses a command. */
export const STATE_OF_REFUSAL = {
  NOT_FOUND: 'undefinedObject',
  FORBIDDEN: 'privileges',
  INVALID_STATUS: 'wrongState',
  NOT_PAUSABLE: 'wrongState',
  NOT_CANCELABLE: 'wrongState',
} as const satisfies Readonly<Record<string, State>>;
