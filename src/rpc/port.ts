/** The channel between two sides: the message port of a thread, or the pipe to a process. */
import type { ChildProcess, Serializable } from 'node:child_process';
import { deserialize, serialize } from 'node:v8';
import type { MessagePort, Worker } from 'node:worker_threads';

export interface Port {
  post(message: unknown): void;
  /** `onEnd` is called once, when the other side has ended or can no longer be reached. */
  listen(onMessage: (message: unknown) => void, onEnd: (error: Error) => void): void;
}

/** Between a thread and its parent. */
export const threadPort = (port: Worker | MessagePort, name: string): Port => ({
  post: (message) => port.postMessage(message),
  listen: (onMessage, onEnd) => {
    const end = once(onEnd);
    port.on('message', onMessage);
    port.on('error', end);
    port.on('exit', () => end(new Error(`${name} has ended`)));
    port.on('close', () => end(new Error(`${name} has ended`)));
  },
});

/** To a child process, started with `serialization: 'advanced'`; use it with `inPieces`. */
export const childPort = (child: ChildProcess, name: string): Port => ({
  post: (message) => send(child, message),
  listen: (onMessage, onEnd) => {
    const end = once(onEnd);
    // Messages written before its end may arrive after the exit event.
    const gone = Promise.all([event(child, 'exit'), event(child, 'disconnect')]);
    gone.then(([[code, signal]]) => end(new Error(`${name} ended with ${signal ?? `code ${code}`}`)));
    child.on('error', end);
    child.on('message', onMessage);
  },
});

/** To the parent process. */
export const parentProcessPort = (): Port => ({
  post: (message) => send(process, message),
  listen: (onMessage, onEnd) => {
    process.on('message', onMessage);
    process.once('disconnect', () => onEnd(new Error('the parent process has ended')));
    if (!process.connected) onEnd(new Error('the parent process has ended'));
  },
});

/** A send fails only if the process has ended, which is reported as its end. */
const send = (to: Pick<ChildProcess, 'connected' | 'send'> | NodeJS.Process, message: unknown) => {
  if (to.connected) to.send?.(message as Serializable, undefined, undefined, () => undefined);
};

const event = (child: ChildProcess, name: string) =>
  new Promise<readonly unknown[]>((resolve) => child.once(name, (...args: unknown[]) => resolve(args)));

const once = (onEnd: (error: Error) => void) => {
  let ended = false;
  return (error: Error) => {
    if (!ended) onEnd(error);
    ended = true;
  };
};

const PIECE_BYTES = 256 * 1024;

interface Piece {
  readonly piece: Uint8Array;
  readonly isLast: boolean;
}

/**
 * Splits messages larger than 256 KB, so that a large page delays other messages in either direction by at most one
 * piece. The pieces of a message directly follow one another; the other side has to reassemble them with this function
 * too.
 */
export const inPieces = (port: Port): Port => ({
  post: (message) => {
    const bytes = serialize(message);
    if (bytes.length <= PIECE_BYTES) return port.post(message);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = copyOf(bytes.subarray(at, at + PIECE_BYTES));
      port.post({ piece, isLast: at + PIECE_BYTES >= bytes.length } satisfies Piece);
    }
  },
  listen: (onMessage, onEnd) => {
    let pieces: Uint8Array[] = [];
    port.listen((message) => {
      if (!isPiece(message)) return onMessage(message);
      pieces.push(message.piece);
      if (!message.isLast) return;
      const whole = Buffer.concat(pieces);
      pieces = [];
      onMessage(deserialize(whole));
    }, onEnd);
  },
});

/** Cloning a view would clone its whole buffer. */
const copyOf = (view: Uint8Array) => new Uint8Array(view);

/** Forwards messages between two ports, pieces unchanged. `onEnd` is called when either has ended. */
export const relay = (one: Port, other: Port, onEnd: (error: Error) => void): void => {
  const to = (port: Port) => (message: unknown) =>
    port.post(isPiece(message) ? { ...message, piece: copyOf(message.piece) } : message);
  one.listen(to(other), onEnd);
  other.listen(to(one), onEnd);
};

const isPiece = (message: unknown): message is Piece =>
  message !== null && typeof message === 'object' && 'piece' in message;
