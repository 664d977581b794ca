/** Where messages go. */
import type { Bounds } from './entries.ts';

/** Messages that go together, in order. */
export interface Batch {
  /** The places in the log of the first and the last of them. */
  readonly first: number;
  readonly last: number;
  /** JSON. */
  readonly texts: readonly string[];
}

export interface Sink {
  readonly bounds: Bounds;
  /** How long a batch that is not full waits for more. */
  readonly lingerMs: number;
  /** How far the batch that begins behind a place went, when it was delivered already and that was never noted. */
  delivered(after: number, signal: AbortSignal): Promise<number | null>;
  /** Ends once the whole batch is safe there; says why it waits. @throws Transient when it is worth another attempt */
  deliver(batch: Batch, signal: AbortSignal): AsyncGenerator<string, void, void>;
  close(): void;
}
