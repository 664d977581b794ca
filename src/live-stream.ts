/**
 * A stream with many readers. Each reader is first brought up to date at its own pace. From then on it follows: it is
 * handed what each commit brings, together with all others that follow. A reader that accepts nothing stops following,
 * and costs no more than its position until it catches up again.
 *
 *     do for await (const item of live.catchUp()) …  while (await live.follow(reader))
 */
export interface LiveStream<T> {
  /** Emits what the reader does not have yet, and ends when there is nothing more for now. */
  catchUp(): AsyncGenerator<T, void, void>;
  /**
   * Hands over what is new from now on. Resolves to true when the reader has to catch up again, immediately if it is not
   * up to date, and to false when the stream has ended. Rejects if the reader may no longer read it.
   */
  follow(reader: LiveReader<T>): Promise<boolean>;
  /** Whether the reader may still see an item that it has been given. Asked before each item of several is sent. */
  mayRead(item: T): boolean;
}

export interface LiveReader<T> {
  /** Whether it accepts items now. If not, it is handed none, and has to catch up again. */
  isReady(): boolean;
  /** Takes what one commit brings, in order. After a promise, the reader has to catch up again once it has resolved. */
  take(items: readonly T[]): void | Promise<void>;
}

/** One item at a time, for a reader that follows nothing: when there is something new for it, it reads. */
export async function* eachOf<T>(live: LiveStream<T>): AsyncGenerator<T, void, void> {
  do yield* live.catchUp();
  while (await live.follow(READS_ITSELF));
}

const READS_ITSELF = { isReady: () => false, take: () => undefined };
