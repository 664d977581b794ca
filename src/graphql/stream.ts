/**
 * A stream that ends when its reader leaves. A generator that waits for the next event cannot be ended from outside
 * but through what it waits for: leaving aborts the signal first, and then closes the generator.
 */
export const streamOf = async <T>(
  open: (signal: AbortSignal) => Promise<AsyncGenerator<T, void, void>>,
): Promise<AsyncIterableIterator<T>> => {
  const left = new AbortController();
  const source = await open(left.signal);
  const stream: AsyncIterableIterator<T> = {
    next: () => source.next(),
    return: async () => {
      left.abort();
      await source.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
};
