/** The destination of messages. */
import type { Bounds } from './port.ts';

/** Messages that are delivered together, in order. */
export interface Batch {
  /** The log positions of the first and the last message. */
  readonly first: number;
  readonly last: number;
  /** JSON. */
  readonly texts: readonly string[];
}

export interface Sink {
  readonly bounds: Bounds;
  /** How long a batch that is not full waits for more messages. */
  readonly lingerMs: number;
  /**
   * If the batch that begins after this position was delivered but not recorded, the position of its end; otherwise
   * null.
   */
  delivered(after: number, signal: AbortSignal): Promise<number | null>;
  /**
   * Ends once the sink has stored the whole batch; yields the reason for waiting.
   * @throws Transient when a retry is worthwhile
   */
  deliver(batch: Batch, signal: AbortSignal): AsyncGenerator<string, void, void>;
  close(): void;
}
