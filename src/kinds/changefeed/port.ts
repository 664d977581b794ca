/**
 * What a changefeed needs of the engine of its database. `run.ts` drives a source through the phases, and `listen.ts`
 * reads for subscriptions; each engine implements both once, in a folder of its own, and `ports.ts` chooses.
 */
import type { DatabasePlace, Environment, Io, Task } from '../../jobs/kind.ts';
import type { FeedCheckpoint, FeedWork, Steps } from './details.ts';
import type { FeedCursor, FeedMessage, FeedPage } from './message.ts';

export interface FeedPort {
  /**
   * Finds the tables of a feed that is to be created, as the catalogue spells them.
   * @param reservedColumn a column that no table may have; null if the envelope needs none
   * @throws BAD_USER_INPUT naming the field and the table that cannot be watched; UNAVAILABLE while it is locked
   */
  findTables(
    environment: Environment,
    request: { readonly database: string; readonly tables: readonly string[]; readonly reservedColumn: string | null },
  ): readonly FoundTable[] | Promise<readonly FoundTable[]>;
  /** Keeps older claims out of the database. */
  acquireFence(work: FeedWork, io: Io, task: Task): Promise<void>;
  /** Opens the source of the changes for one claim. */
  open(work: FeedWork, io: Io): FeedSource | Promise<FeedSource>;
  /** Stops the logging and removes the log, in batches if it is long. It can be stopped anywhere and repeated. */
  revert(work: FeedWork, io: Io): Steps;
  cleanUp(
    work: Pick<FeedWork, 'details' | 'claim'>,
    environment: Environment,
    when: 'ended' | 'removed',
  ): Promise<void>;
  /** Converts an error of the engine to a message for people. An error that may pass becomes Transient. */
  failureOf(error: unknown, database: string): unknown;
  /** Reads the messages after a position for a subscription; waits briefly if there are none. */
  read(place: DatabasePlace, database: string, jobId: string, after: FeedCursor | null): Promise<FeedPage>;
  /**
   * Records that the reader of a subscription has everything up to a position.
   * @throws BAD_USER_INPUT for a position that does not exist yet, CURSOR_EXPIRED for one that has been removed
   */
  acknowledgeRead(place: DatabasePlace, database: string, jobId: string, upTo: FeedCursor): Promise<void>;
}

export interface FoundTable {
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * The open source of one feed. Each function that yields steps runs one transaction, which checks the fence and saves
 * the checkpoint that it reaches.
 */
export interface FeedSource {
  /** The position reached. */
  readonly checkpoint: FeedCheckpoint;
  /**
   * Reads the checkpoint. For a new feed, first begins to log the changes of its tables. If the database was replaced,
   * begins a new generation of the log, with a rescan.
   * @throws ReplacedError if it was replaced and the feed is not to rescan
   */
  begin(): Steps;
  /**
   * Reads entries after the checkpoint; none without bounds. `changed`: call `followSchema` first. `busy`: the log
   * cannot be read at the moment.
   */
  read(bounds: Bounds | null): Read | Promise<Read>;
  /**
   * Inspects the tables after a schema change, and goes on logging them as they are now.
   * @throws ReplacedError if the log was dropped. The triggers are removed then, so that no write fails
   */
  followSchema(): Steps;
  /** Watches the tables that were replaced again, and sends the difference to what was sent before. */
  rescan(what: string): Steps;
  /** Call before the entries that were read last are delivered, up to a position. */
  recordSent(upTo: FeedCursor): void;
  /**
   * Copies about this many pending rows into the log; without any, ends the scan. So rows take their place among the
   * changes in commit order.
   */
  scan(rows: number): Steps<Scanned>;
  /** Removes delivered entries. @throws LogLimitError */
  acknowledge(upTo: FeedCursor): Steps;
  /**
   * If nobody is writing: logs a resolved timestamp after everything that was logged, and returns its position; or, if
   * everything was delivered, records that in the checkpoint. Null if another connection is writing.
   */
  beat(what: 'resolved' | 'high water'): FeedCursor | null | Promise<FeedCursor | null>;
  /** Waits for a write, or for a while. */
  waitForChange(pollMs: number, longestMs: number): Promise<void>;
  /** Ends a scan-only feed: removes the log. */
  end(): Steps;
  close(): void | Promise<void>;
}

type Read = Reading | 'changed' | 'busy';

export interface Bounds {
  readonly rows: number;
  /** As the log counts them. A page has at least one entry. */
  readonly bytes: number;
}

/** The log at one moment. */
export interface Reading {
  readonly messages: readonly FeedMessage[];
  /** More entries are pending than were requested. */
  readonly isFull: boolean;
  readonly log: LogState;
  /**
   * How far the log is ahead of delivery, while rows are being copied. Entries that a subscription has read count as
   * delivered, although its reader may request them again.
   */
  readonly ahead: { readonly rows: number; readonly bytes: number } | null;
  readonly lost: LostTable | null;
}

/** A table that is not watched any more. Entries up to a position are still delivered. */
export interface LostTable {
  readonly message: string;
  readonly upTo: FeedCursor;
  /** Whether there is another table of this name, which `rescan` can watch. */
  readonly isReplaced: boolean;
  /** There may soon be one: the table was dropped a moment ago. */
  readonly mayReturn: boolean;
}

export interface LogState {
  /** The size of the pending entries, in bytes. */
  readonly pendingBytes: number;
  /** Nothing is logged once they reach this. */
  readonly limitBytes: number;
  /** The position that the subscription's reader has acknowledged. */
  readonly acknowledged: FeedCursor;
  readonly newest: FeedCursor;
}

export interface Scanned {
  /** False if the log has no room for the rows until pending entries are delivered: nothing was copied. */
  readonly hasRoom: boolean;
  /** How long others could not write. */
  readonly lockedMs: number;
}

/** The pending changes exceeded the limit: nothing is logged any more, and changes are lost. */
export class LogLimitError extends Error {
  override readonly name = 'LogLimitError';
}

/** What the feed watches was replaced, in a way that a rescan could follow: `onTableReplaced` applies. */
export class ReplacedError extends Error {
  override readonly name = 'ReplacedError';
}

/** @throws LogLimitError */
export const requireRoom = ({ pendingBytes, limitBytes }: Pick<LogState, 'pendingBytes' | 'limitBytes'>): void => {
  if (pendingBytes < limitBytes) return;
  throw new LogLimitError(
    `the changes that wait to be delivered passed the limit of ${limitBytes} bytes (MAX_FEED_BYTES): later changes are lost`,
  );
};
