import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { unavailable } from '../errors.ts';
import { sleep } from '../sleep.ts';
import { STOPPING } from './answers.ts';
import { type Clients, openSockets } from './client-limits.ts';
import type { Session } from './credentials.ts';
import type { Message, Reader, SharedSubscriptions, Sharing } from './shared-subscriptions.ts';

type MaskError = (error: unknown) => GraphQLError;
interface Incoming {
  /** Of an operation over HTTP. */
  readonly request?: Request;
  readonly req?: IncomingMessage;
  readonly session?: Session;
}

/**
 * The open HTTP streams. Each ends with an error when the session of its reader ends, and is cut off after an error when
 * the server stops. Sockets learn either from their close code.
 */
export const createStreams = (maskError: MaskError, clients: Clients, shared: SharedSubscriptions) => {
  const open = new Set<End>();
  const plugin: Plugin<object, Incoming> = {
    onSubscribe: ({ args, setSubscribeFn }) => {
      const { request, req, session } = args.contextValue as Incoming;
      if (request === undefined || req === undefined || session === undefined) return undefined;
      const sharing = shared.of(args);
      if (sharing !== null) setSubscribeFn(() => pulled(shared, sharing, args));
      const close = openSockets(clients, [clients.addressOf(req), `user ${session.userName}`]);
      return {
        onSubscribeResult: ({ result, setResult }) => {
          if (isAsyncIterable(result)) setResult(endable(result, open, session, maskError, req.socket, close));
          else close();
        },
        onSubscribeError: close,
      };
    },
  };
  return {
    plugin,
    end: () => {
      for (const end of open) end(unavailable(STOPPING.message), 'cut off');
    },
  };
};

/** A stream that is cut off does not complete: its reader has to notice that there is more, and reconnect. */
type Ending = 'completed' | 'cut off';
type End = (reason: unknown, ending?: Ending) => void;

/** A stream that emits an error before it ends when it is ended from outside. */
const endable = <T>(
  stream: AsyncIterable<T>,
  open: Set<End>,
  session: Session,
  maskError: MaskError,
  socket: Socket,
  close: () => void,
): AsyncIterableIterator<T> => {
  const source = stream[Symbol.asyncIterator]();
  let last: T | undefined;
  let ending: Ending = 'completed';
  const release = () => {
    open.delete(end);
    ignoreSession();
    close();
  };
  const end: End = (reason, how = 'completed') => {
    release();
    ending = how;
    last = { errors: [maskError(reason)] } as T;
    void source.return?.();
  };
  open.add(end);
  const ignoreSession = session.onEnd((reason) => end(reason));
  const ended: AsyncIterableIterator<T> = {
    next: async () => {
      const result = await source.next();
      if (result.done !== true) return result;
      release();
      const value = last;
      last = undefined;
      if (value !== undefined) return { done: false, value };
      if (ending === 'cut off') await cutOff(socket);
      return result;
    },
    return: async () => {
      release();
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => ended,
  };
  return ended;
};

/** A reader with more than this in its queue is served at its own pace. */
const BEHIND_BYTES = 65_536;

/** A shared subscription as a stream from which a response takes one result at a time. */
const pulled = async (
  shared: SharedSubscriptions,
  sharing: Sharing,
  args: ExecutionArgs,
): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> => {
  const queue: { readonly message: Message; readonly taken?: () => void }[] = [];
  let queuedBytes = 0;
  let wake = () => {};
  const add = (message: Message, taken?: () => void) => {
    queue.push(taken === undefined ? { message } : { message, taken });
    queuedBytes += message.bytes.length;
    wake();
  };
  let isLeft = false;
  const reader: Reader = {
    send: async (message) => {
      if (!isLeft) await new Promise<void>((resolve) => add(message, resolve));
    },
    push: (messages) => {
      for (const message of messages) add(message);
    },
    isBehind: () => queuedBytes > BEHIND_BYTES,
  };
  const served = await shared.serve(sharing, args, reader);
  if (!isAsyncIterable(served)) return served;
  let isOver = false;
  const ended = served.next().finally(() => {
    isOver = true;
    wake();
  });
  ended.catch(() => undefined);
  const next = async (): Promise<IteratorResult<ExecutionResult>> => {
    for (;;) {
      const first = queue.shift();
      if (first !== undefined) {
        queuedBytes -= first.message.bytes.length;
        first.taken?.();
        return { done: false, value: writtenOf(first.message) };
      }
      if (isOver) return ended;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const stream: AsyncIterableIterator<ExecutionResult> = {
    next,
    return: async () => {
      isLeft = true;
      for (const { taken } of queue.splice(0)) taken?.();
      await served.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
};

/** yoga writes a result with its own `stringify`, if it has one. */
const writtenOf = ({ result, bytes }: Message): ExecutionResult =>
  result.errors === undefined ? ({ ...result, stringify: () => bytes.toString() } as ExecutionResult) : result;

/** The last message is on its way to the connection when the next one is requested. */
const FLUSH_MS = 50;

/** Ends a connection in the middle of an answer, after the bytes that are already written. Resolves when it is closed. */
const cutOff = async (socket: Socket) => {
  await sleep(FLUSH_MS);
  if (socket.destroyed) return;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.destroySoon();
  await closed;
};
