/**
 * Shares results among all readers of the same subscription. Each reader has a stream of its own, and so its own
 * position, filter and pace. What an item of the stream becomes is the same for all who request the same and may see the
 * same: it is computed and serialized once, when the first of them needs it.
 */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLFormattedError,
} from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { LiveStream } from '../live-stream.ts';

/** A subscription whose results can be shared. */
export interface Sharing {
  /** Equal for readers who request the same and may see the same. */
  key(): string;
  /** Whether an item has the same result whenever it is computed. If not, only those share it who need it at once. */
  readonly isFixed: boolean;
}

/** Determines which subscriptions share their results. Their streams are live streams. */
export interface SharingRules {
  of(args: ExecutionArgs): Sharing | null;
  /** Registers a listener that is called when the access of viewers has changed. */
  onAccessChange(listener: () => void): void;
}

/** A result, and the JSON that is sent, in UTF-8. */
export interface Message {
  readonly result: ExecutionResult;
  readonly bytes: Buffer;
}

/** The destination of results. */
export interface Reader {
  /** Resolves when the message has left this process. */
  send(message: Message): Promise<void>;
  /** Passes messages on without waiting. */
  push(messages: readonly Message[]): void;
  /** Whether so much data is waiting to be accepted that no more is pushed. */
  isBehind(): boolean;
}

type Stream = ExecutionResult | AsyncIterableIterator<ExecutionResult>;

export interface SharedSubscriptions {
  /** How a subscription can be shared; null if it cannot. */
  of(args: ExecutionArgs): Sharing | null;
  /** Returns a stream that sends its results to the reader itself, yields nothing, and ends when the results end. */
  serve(sharing: Sharing, args: ExecutionArgs, reader: Reader): Promise<Stream>;
}

/** More than this is not pushed at a time, but sent one by one as it is accepted. */
const MOST_PUSHED = 131_072;
/** The most that is kept of serialized results. Beyond it, all of them are forgotten. */
const MOST_KEPT = 16_777_216;

export const createSharedSubscriptions = (
  rules: SharingRules | undefined,
  maskError: (error: unknown) => GraphQLError,
): SharedSubscriptions => {
  const shared = new Map<string, Results>();
  let keptBytes = 0;
  const keep = (bytes: number) => {
    keptBytes += bytes;
    if (keptBytes <= MOST_KEPT) return;
    keptBytes = bytes;
    for (const results of shared.values()) results.forget();
  };

  const join = (sharing: Sharing, args: ExecutionArgs): Results => {
    const key = sharing.key();
    const known = shared.get(key);
    const results = known ?? createResults(args, sharing.isFixed, maskError, keep, () => shared.delete(key));
    if (known === undefined) shared.set(key, results);
    results.readers += 1;
    return results;
  };
  // From now on, readers share with others who see the same.
  rules?.onAccessChange(() => {
    for (const results of shared.values()) results.isCurrent = false;
    shared.clear();
  });

  return {
    of: (args) => rules?.of(args) ?? null,
    serve: async (sharing, args, reader) => {
      const source = await createSourceEventStream(args);
      if (!isAsyncIterable(source)) return { ...source, errors: (source.errors ?? []).map(maskError) };
      const live = source as AsyncIterableIterator<unknown> & LiveStream<object>;
      let results = await joinOrClose();
      let isLeft = false;
      const messageOf = async (item: object): Promise<Message> => {
        for (;;) {
          const from = current();
          const message = await from.of(item);
          // It may contain what this reader may no longer see.
          if (from.isCurrent) return message;
        }
      };
      const ended = createEnd();
      follow().then(ended.end, (error) => ended.end(maskError(error)));
      const stream: AsyncIterableIterator<ExecutionResult> = {
        [Symbol.asyncIterator]: () => stream,
        next: () => ended.promise,
        return: async () => {
          isLeft = true;
          await live.return?.();
          ended.end();
          return ended.promise;
        },
      };
      return stream;

      async function joinOrClose(): Promise<Results> {
        try {
          return join(sharing, args);
        } catch (error) {
          await live.return?.();
          throw error;
        }
      }
      function current(): Results {
        if (results.isCurrent) return results;
        results.leave();
        results = join(sharing, args);
        return results;
      }
      function take(items: readonly object[]): void | Promise<void> {
        const from = current();
        const messages: (Message | Promise<Message>)[] = [];
        let size = 0;
        for (const item of items) {
          const message = from.of(item);
          messages.push(message);
          if (!isPromise(message)) size += message.bytes.length;
          if (size > MOST_PUSHED) return sendEach(items);
        }
        if (areComplete(messages)) return reader.push(messages);
        return Promise.all(items.map(messageOf)).then((complete) => {
          if (sizeOf(complete) > MOST_PUSHED) return sendEach(items);
          if (!isLeft) reader.push(complete);
          return undefined;
        });
      }
      async function sendEach(items: Iterable<object>) {
        for (const item of items) await send(item);
      }
      /** Another subscription may have the reader's id by now, if it has left. */
      async function send(item: object) {
        const message = await messageOf(item);
        if (!isLeft && live.mayRead(item)) await reader.send(message);
      }
      async function follow() {
        try {
          do for await (const item of live.catchUp()) await send(item);
          while (await live.follow({ isReady: () => !reader.isBehind(), take }));
        } finally {
          results.leave();
          await live.return?.();
        }
      }
    },
  };
};

/** The results of the items of one subscription, as one of its readers gets them. */
interface Results {
  of(item: object): Message | Promise<Message>;
  /** False once the access of viewers has changed. */
  isCurrent: boolean;
  readers: number;
  forget(): void;
  leave(): void;
}

const createResults = (
  args: ExecutionArgs,
  isFixed: boolean,
  maskError: (error: unknown) => GraphQLError,
  keep: (bytes: number) => void,
  remove: () => void,
): Results => {
  // As long as the stream keeps an item.
  let messages = new WeakMap<object, Message | Promise<Message>>();
  let isForgetting = false;
  const forgetSoon = () => {
    if (isFixed || isForgetting) return;
    isForgetting = true;
    setImmediate(() => {
      isForgetting = false;
      results.forget();
    });
  };
  const messageOf = (result: ExecutionResult): Message => {
    const masked = result.errors === undefined ? result : { ...result, errors: result.errors.map(maskError) };
    const bytes = Buffer.from(JSON.stringify(shownOf(masked) ?? masked));
    if (isFixed) keep(bytes.length);
    return { result: masked, bytes };
  };
  const results: Results = {
    isCurrent: true,
    readers: 0,
    of: (item) => {
      const known = messages.get(item);
      if (known !== undefined) return known;
      const kept = messages;
      const result = execute({ ...args, rootValue: item });
      const message = isPromise(result)
        ? result.then((value) => {
            const complete = messageOf(value);
            kept.set(item, complete);
            return complete;
          })
        : messageOf(result);
      kept.set(item, message);
      forgetSoon();
      return message;
    },
    forget: () => {
      messages = new WeakMap();
    },
    leave: () => {
      results.readers -= 1;
      if (results.readers === 0 && results.isCurrent) remove();
    },
  };
  return results;
};

const sizeOf = (messages: readonly Message[]): number => messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
const isPromise = <T>(value: T | Promise<T>): value is Promise<T> => value instanceof Promise;
const areComplete = (messages: readonly (Message | Promise<Message>)[]): messages is readonly Message[] =>
  !messages.some(isPromise);

interface Shown {
  readonly errors?: readonly GraphQLError[] | undefined;
  readonly data?: Record<string, unknown> | null | undefined;
}

/** The form in which a result with errors is sent; undefined for a result without errors. */
export const shownOf = ({ errors, data }: Shown) =>
  errors === undefined ? undefined : { errors: errors.map(withoutStatus), ...(data === undefined ? {} : { data }) };

/** `extensions.http` is the HTTP status of an answer, and is not sent. */
export const withoutStatus = (error: GraphQLError): GraphQLFormattedError => {
  const { extensions: { http: _, ...extensions } = {}, ...shown } = error.toJSON();
  return { ...shown, extensions };
};

/** The end of a stream that yields nothing. */
const createEnd = () => {
  let end: (error?: unknown) => void = () => undefined;
  const promise = new Promise<IteratorResult<never>>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve({ done: true, value: undefined }) : reject(error));
  });
  // A reader that has left does not observe how its stream ended.
  promise.catch(() => undefined);
  return { promise, end };
};
