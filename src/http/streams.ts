import type { GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { unavailable } from '../errors.ts';
import type { Session } from './credentials.ts';

type MaskError = (error: unknown) => GraphQLError;

/**
 * The open HTTP streams. Each ends with an error when the server stops, and when the session of its reader ends. Sockets
 * learn either from their close code.
 */
export const createStreams = (maskError: MaskError, stopping: string) => {
  const open = new Set<End>();
  const plugin: Plugin = {
    onSubscribe: ({ args }) => {
      const { request, session } = args.contextValue as { request?: Request; session?: Session };
      if (request === undefined) return undefined;
      return {
        onSubscribeResult: ({ result, setResult }) => {
          if (isAsyncIterable(result)) setResult(endable(result, open, session, maskError));
        },
      };
    },
  };
  return {
    plugin,
    end: () => {
      for (const end of open) end(unavailable(stopping));
    },
  };
};

type End = (reason: unknown) => void;

/** A stream that emits an error before it completes when it is ended from outside, so that its reader reconnects. */
const endable = <T>(
  stream: AsyncIterable<T>,
  open: Set<End>,
  session: Session | undefined,
  maskError: MaskError,
): AsyncIterableIterator<T> => {
  const source = stream[Symbol.asyncIterator]();
  let last: T | undefined;
  const release = () => {
    open.delete(end);
    ignoreSession?.();
  };
  const end = (reason: unknown) => {
    release();
    last = { errors: [maskError(reason)] } as T;
    void source.return?.();
  };
  open.add(end);
  const ignoreSession = session?.onEnd(end);
  const ended: AsyncIterableIterator<T> = {
    next: async () => {
      const result = await source.next();
      if (result.done !== true) return result;
      release();
      const value = last;
      last = undefined;
      return value === undefined ? result : { done: false, value };
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
