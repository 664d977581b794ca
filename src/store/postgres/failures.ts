/** What an error of PostgreSQL or of the connection means for a caller. */
import { filterTooBroad, SignalboxError, unavailable } from '../../errors.ts';

const RESTARTING = 'the job store is starting or stopping: PostgreSQL accepts no connections';
const CUT_OFF = 'the connection to the job store was lost';

const SET_BACK = 'the job store has lost its last events, and is being repaired';

/** By SQLSTATE or code of the operating system. */
const UNAVAILABLE: Readonly<Record<string, string>> = {
  '25006': 'the job store cannot be written: PostgreSQL is read-only, as a replica is',
  '25P02': CUT_OFF,
  '25P03': CUT_OFF,
  '25P04': 'a transaction of the job store took too long',
  '40001': 'the job store is too busy',
  '40P01': 'the job store is too busy',
  '53100': 'the job store cannot be written: the disk is full',
  '53200': 'the job store is out of memory',
  '53300': 'PostgreSQL has no free connection for the job store',
  '55P03': 'the job store is busy with another transaction',
  '57014': 'a statement of the job store took too long',
  '57P01': RESTARTING,
  '57P02': RESTARTING,
  '57P03': RESTARTING,
  ECONNREFUSED: RESTARTING,
  ECONNRESET: CUT_OFF,
  EPIPE: CUT_OFF,
  ETIMEDOUT: CUT_OFF,
  ENOTFOUND: 'the host of the job store has no address',
  EAI_AGAIN: 'the host of the job store has no address at the moment',
  ENOENT: RESTARTING,
};

/** Messages of the driver, whose errors have no code. */
const CUT_OFF_MESSAGES =
  /^(Connection terminated|timeout expired|Query read timeout|Client has encountered|Client was)/;

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;

/** After such an error the state of the connection is unknown: it is discarded. */
export const isConnectionLost = (error: unknown): boolean => {
  const code = codeOf(error);
  if (code === undefined) return CUT_OFF_MESSAGES.test((error as Error).message);
  return /^(08...|57P0[123]|25P0[34]|E[A-Z_]+)$/.test(code);
};

/** The transaction may simply be repeated. */
export const isSerialization = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error) ?? '');

/** The store has lost its last events: see set-back.ts. */
export class SetBack extends Error {}

/** A job of a large selection has changed since it was chosen: the call has to be repeated. */
export class Moved extends Error {
  constructor() {
    super('jobs of the selection have changed in the meantime');
  }
}

/**
 * Another transaction got there first. Repeated, the call finds what the other has written: a key or name that is used,
 * or a user that is gone.
 */
export const isOvertaken = (error: unknown): boolean =>
  error instanceof Moved || ['23503', '23505'].includes(codeOf(error) ?? '');

export const isLockTimeout = (error: unknown): boolean => codeOf(error) === '55P03';

/**
 * The error that a caller gets. Messages never contain the URL of the store. `isSearch`: the statement is a read whose
 * time is limited.
 */
export const failureOf = (error: unknown, isSearch = false): unknown => {
  if (error instanceof SignalboxError) return error;
  if (error instanceof SetBack) return Object.assign(unavailable(SET_BACK), { cause: error });
  if (error instanceof Moved) return Object.assign(unavailable('the job store is too busy'), { cause: error });
  const code = codeOf(error);
  if (code === '57014' && isSearch) {
    return filterTooBroad('the filter is too broad: it reads too many rows for the time that a read may take');
  }
  if (code === '22021') {
    return new SignalboxError('BAD_USER_INPUT', 'a text contains the character U+0000, which cannot be stored');
  }
  const known = UNAVAILABLE[code ?? ''] ?? (isConnectionLost(error) ? CUT_OFF : undefined);
  return known === undefined ? error : Object.assign(unavailable(known), { cause: error });
};
