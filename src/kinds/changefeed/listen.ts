/**
 * Changefeeds without a sink, read by subscriptions. A reader pulls pages from the log that the feed keeps in its
 * database, so a slow reader holds one page and nothing else. When it reconnects, `after` acknowledges the messages
 * that it has received.
 */
import type { Viewer } from '../../auth/viewer.ts';
import type { Databases } from '../../engine/databases.ts';
import { createNotifier } from '../../engine/notifier.ts';
import type { Runner } from '../../engine/runner.ts';
import type { Viewers } from '../../engine/viewers.ts';
import { badInput, cursorExpired, forbidden, notFound } from '../../errors.ts';
import { type Access, mayReadRows } from '../../jobs/access.ts';
import { hasEnded } from '../../jobs/control.ts';
import { detailsReader } from '../../jobs/declare.ts';
import type { Job, JobId } from '../../jobs/job.ts';
import type { DatabasePlace } from '../../jobs/kind.ts';
import type { Store } from '../../store/store.ts';
import { DETAILS } from './details.ts';
import { type FeedCursor, type FeedMessage, type FeedPage, formatFeedCursor, withOptions } from './message.ts';

const detailsOf = detailsReader(DETAILS);

/** The reader, with its current permissions. */
export interface FeedReader {
  viewer(): Viewer;
  access(): Access;
}

export interface Changefeeds {
  /**
   * Emits the messages after a cursor, and acknowledges all up to it; without a cursor, all retained messages; then
   * each new one. An older reader of the same feed ends. Emits nothing while the job does not run; ends with the job.
   * @throws NOT_FOUND, FORBIDDEN; BAD_USER_INPUT if the feed cannot be read this way; CURSOR_EXPIRED if the messages
   *   after the cursor have been removed
   */
  listen(
    jobId: JobId,
    after: FeedCursor | null,
    reader: FeedReader,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<FeedMessage, void, void>>;
  stop(): void;
}

interface ChangefeedsOptions {
  readonly store: Store;
  readonly runner: Runner;
  readonly viewers: Viewers;
  readonly databases: Pick<Databases, 'placeOf'>;
}

export const createChangefeeds = ({ store, runner, viewers, databases }: ChangefeedsOptions): Changefeeds => {
  /** Ends the current reader of each feed. */
  const readers = new Map<JobId, AbortController>();
  const moved = createNotifier();
  /** Incremented by anything that may change a job's status or the permission to read it. */
  let changes = 0;
  const change = () => {
    changes += 1;
    moved.notify();
  };
  let head = -1;
  const ignoreCommits = store.onCommit((commit) => {
    if (commit.head === head && !commit.removed) return;
    head = commit.head;
    change();
  });
  const ignoreUsers = viewers.onChange(change);

  /**
   * Null when there is no such job or the viewer may not see it.
   * @throws FORBIDDEN when the viewer may see the job but not its rows
   */
  const find = async (jobId: JobId, { viewer, access }: FeedReader): Promise<Job | null> => {
    const job = await store.job(jobId, access());
    if (job !== null && !mayReadRows(viewer(), job)) {
      throw forbidden(
        `user ${viewer().name} may not read the rows of job ${jobId}: its creator, while database ${job.database} is granted, and admins may`,
      );
    }
    return job;
  };
  /** The database of the feed, as the queries of the kind expect it; null if it is not known any more. */
  const targetOf = async ({ database }: Job): Promise<readonly [DatabasePlace, string] | null> => {
    const known = (await store.databases()).find(({ name }) => name === database);
    return known === undefined ? null : [databases.placeOf(known), known.name];
  };

  async function* stream(jobId: JobId, after: FeedCursor | null, reader: FeedReader, signal: AbortSignal) {
    let page: FeedPage = { messages: [], after, ended: false };
    let next = 0;
    let job: Job | null = null;
    let seen = -1;
    let woken: Promise<void> | undefined;
    while (!signal.aborted) {
      // Armed before the check, and kept if it was not awaited.
      woken ??= moved.next(signal);
      // Checked before each message, so that a feed that is paused or no longer readable stops immediately.
      if (seen !== changes) {
        seen = changes;
        job = await find(jobId, reader);
        continue;
      }
      if (job === null || hasEnded(job.status)) return;
      const message = page.messages[next];
      const target = message === undefined && !page.ended ? await targetOf(job) : null;
      if (seen !== changes) continue;
      const isActive = job.status === 'RUNNING' || job.status === 'PENDING';
      if (isActive && message !== undefined) {
        next += 1;
        yield applyOptions(message, job);
      } else if (isActive && target !== null) {
        try {
          page = await runner.askFor({ signal: () => signal })<FeedPage>(
            'CHANGEFEED',
            'read',
            ...target,
            jobId,
            page.after,
          );
        } catch (error) {
          if (signal.aborted) return;
          throw error;
        }
        next = 0;
        // Acknowledges the whole scan of a scan-only feed. A reader that is disconnected before it receives the end
        // gets CURSOR_EXPIRED, which reports that messages were removed.
        if (page.ended && page.after !== null) {
          await runner.ask('CHANGEFEED', 'acknowledge', ...target, jobId, page.after);
        }
      } else {
        await woken;
        woken = undefined;
      }
    }
  }

  return {
    listen: async (jobId, after, reader, signal) => {
      const job = await find(jobId, reader);
      if (job === null) throw notFound(`job with ID ${jobId} does not exist`);
      if (job.type !== 'CHANGEFEED') throw badInput('jobId', `job ${jobId} is not a changefeed`);
      const { sink } = detailsOf(job);
      if (sink !== null) throw badInput('jobId', `changefeed ${jobId} has a sink: its messages go to ${sink}`);
      const target = await targetOf(job);
      if (after !== null && hasEnded(job.status)) checkAfterEnd(after, job);
      else if (after !== null && target !== null) {
        await runner.ask('CHANGEFEED', 'acknowledge', ...target, jobId, after);
      }
      readers.get(jobId)?.abort();
      const own = new AbortController();
      readers.set(jobId, own);
      const leave = () => {
        own.abort();
        if (readers.get(jobId) === own) readers.delete(jobId);
      };
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
      return stream(jobId, after, reader, own.signal);
    },
    stop: () => {
      ignoreCommits();
      ignoreUsers();
      for (const reader of readers.values()) reader.abort();
    },
  };
};

/** Formats a message according to the options of the feed. */
const applyOptions = (message: FeedMessage, job: Job): FeedMessage =>
  'resolved' in message ? message : withOptions(message, detailsOf(job));

/** The log is removed when the feed ends: nothing follows its last message, and no other position can be served. */
const checkAfterEnd = (after: FeedCursor, job: Job): void => {
  const last = job.counters.find(({ name }) => name === 'acked')?.value ?? after;
  const cursor = formatFeedCursor(after);
  if (after > last)
    throw badInput('after', `cursor ${cursor} is beyond the end of the changefeed, ${formatFeedCursor(last)}`);
  if (after < last) {
    throw cursorExpired(
      `the messages after cursor ${cursor} were acknowledged up to ${formatFeedCursor(last)} and removed`,
    );
  }
};
