/** What the server sends. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { SignalboxError } from '../../errors.ts';
import { STATES, stateOf } from '../errors.ts';
import type { Notice } from '../session.ts';
import { int16, int32, message, text } from './frames.ts';

type Severity = 'ERROR' | 'FATAL' | Notice['severity'];

const report = (type: 'E' | 'N', severity: Severity, sqlState: string, words: string, position?: number): Buffer => {
  const fields = [
    `S${severity}`,
    `V${severity}`,
    `C${sqlState}`,
    `M${words}`,
    ...(position === undefined ? [] : [`P${position}`]),
  ];
  return message(type, ...fields.map(text), Buffer.from([0]));
};

/** An error of the server itself is logged, and sent with nothing but an id. */
export const errorAnswer = (error: unknown, log: Logger, severity: 'ERROR' | 'FATAL' = 'ERROR'): Buffer => {
  if (error instanceof SignalboxError) {
    const { position } = error.extensions;
    return report('E', severity, stateOf(error), error.message, typeof position === 'number' ? position : undefined);
  }
  const errorId = randomUUID();
  log.error({ err: error, errorId }, 'a statement failed');
  return report('E', severity, STATES.internal, `internal server error ${errorId}`);
};

export const noticeAnswer = ({ severity, sqlState, message: words }: Notice): Buffer =>
  report('N', severity, sqlState, words);

export const READY = { idle: message('Z', Buffer.from('I')), open: message('Z', Buffer.from('T')) } as const;
export const PARSE_COMPLETE = message('1');
export const BIND_COMPLETE = message('2');
export const CLOSE_COMPLETE = message('3');
export const NO_DATA = message('n');
export const EMPTY = message('I');
export const SUSPENDED = message('s');
export const AUTHENTICATED = message('R', int32(0));
export const ASK_PASSWORD = message('R', int32(3));

export const complete = (tag: string): Buffer => (tag === '' ? EMPTY : message('C', text(tag)));
export const parameterStatus = (name: string, value: string): Buffer => message('S', text(name), text(value));
export const backendKey = (id: number, secret: number): Buffer => message('K', int32(id), int32(secret));
export const parameterDescription = (oids: readonly number[]): Buffer =>
  message('t', int16(oids.length), ...oids.map(int32));
/** The protocol that is spoken is 3.0; options of the client that begin with _pq_. are not known. */
export const negotiate = (options: readonly string[]): Buffer =>
  message('v', int32(196_608), int32(options.length), ...options.map(text));
