/**
 * Changefeeds without a sink, read by subscriptions. A reader pulls pages out of the log that the feed keeps in its
 * database, so one that is slow holds a page and nothing else. What it has is told by `after`, when it comes back.
 */
import type { Viewer } from '../../auth/viewer.ts';
import type { Databases } from '../../engine/databases.ts';
import { createNotifier } from '../../engine/notifier.ts';
import type { Runner } from '../../engine/runner.ts';
import type { Viewers } from '../../engine/viewers.ts';
import { badInput, cursorExpired, forbidden, notFound } from '../../errors.ts';
import { type Access, mayReadFeed } from '../../jobs/access.ts';
import { hasEnded } from '../../jobs/control.ts';
import { detailsReader } from '../../jobs/declare.ts';
import type { Job, JobId } from '../../jobs/job.ts';
import type { Store } from '../../store/store.ts';
import { DETAILS } from './details.ts';
import { type FeedCursor, type FeedMessage, type FeedPage, formatFeedCursor } from './feed-page.ts';

const detailsOf = detailsReader(DETAILS);

/** Who reads, as they are now. */
export interface FeedReader {
  viewer(): Viewer;
  access(): Access;
}

export interface Changefeeds {
  /**
   * The messages after a cursor, which acknowledges all up to it; without one, all that is kept; then each new one. An
   * older reader of the same feed ends. Silent while the job does not run; ends with it.
   * @throws NOT_FOUND, FORBIDDEN, BAD_USER_INPUT for what cannot be read so, CURSOR_EXPIRED for what is gone
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
  readonly databases: Pick<Databases, 'fileOf'>;
}

export const createChangefeeds = ({ store, runner, viewers, databases }: ChangefeedsOptions): Changefeeds => {
  /** What ends the reader that each feed has. */
  const readers = new Map<JobId, AbortController>();
  const moved = createNotifier();
  /** Grows with whatever may have changed a job's status, or who may read it. */
  let changes = 0;
  const change = () => {
    changes += 1;
    moved.now();
  };
  let head = -1;
  const ignoreCommits = store.onCommit((commit) => {
    if (commit.head === head && !commit.removed) return;
    head = commit.head;
    change();
  });
  const ignoreUsers = viewers.onChange(change);

  /** Null when there is no such job, or it is not to be seen. @throws FORBIDDEN when it is, and its rows are not */
  const find = async (jobId: JobId, { viewer, access }: FeedReader): Promise<Job | null> => {
    const job = await store.job(jobId, access());
    if (job !== null && !mayReadFeed(viewer(), job)) {
      throw forbidden(`user ${viewer().name} may not read the rows of job ${jobId}: its creator and admins may`);
    }
    return job;
  };
  const fileFor = async ({ database }: Job): Promise<readonly [string, string] | null> => {
    const known = (await store.databases()).find(({ name }) => name === database);
    return known === undefined ? null : [databases.fileOf(known), known.name];
  };

  async function* stream(jobId: JobId, after: FeedCursor | null, reader: FeedReader, signal: AbortSignal) {
    let page: FeedPage = { messages: [], after, ended: false };
    let next = 0;
    let job: Job | null = null;
    let seen = -1;
    let woken: Promise<void> | undefined;
    while (!signal.aborted) {
      // Armed before the look; kept when it was not waited for.
      woken ??= moved.next(signal);
      // Before each message: one that is paused, or not to be read any more, is silent at once.
      if (seen !== changes) {
        seen = changes;
        job = await find(jobId, reader);
        continue;
      }
      if (job === null || hasEnded(job.status)) return;
      const message = page.messages[next];
      const file = message === undefined && !page.ended ? await fileFor(job) : null;
      if (seen !== changes) continue;
      const runs = job.status === 'RUNNING' || job.status === 'PENDING';
      if (runs && message !== undefined) {
        next += 1;
        yield applyOptions(message, job);
      } else if (runs && file !== null) {
        page = await runner.ask<FeedPage>('CHANGEFEED', 'read', ...file, jobId, page.after);
        next = 0;
        // All of a scan that was all that was asked for. Whoever is cut off before the end reaches it is told by
        // CURSOR_EXPIRED that something is gone.
        if (page.ended && page.after !== null) await runner.ask('CHANGEFEED', 'take', ...file, jobId, page.after);
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
      const file = await fileFor(job);
      if (after !== null && hasEnded(job.status)) checkAfterEnd(after, job);
      else if (after !== null && file !== null) await runner.ask('CHANGEFEED', 'take', ...file, jobId, after);
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

/** A message as the feed was asked to give it. */
const applyOptions = (message: FeedMessage, job: Job): FeedMessage => {
  if ('resolved' in message) return message;
  const { envelope, updated } = detailsOf(job);
  return {
    ...message,
    after: envelope === 'KEY_ONLY' ? null : message.after,
    updated: updated ? message.updated : null,
  };
};

/** What a feed had is gone with its end: nothing comes after its last message, and nothing else can be answered. */
const checkAfterEnd = (after: FeedCursor, job: Job): void => {
  const last = job.counters.find(({ name }) => name === 'acked')?.value ?? after;
  const shown = formatFeedCursor(after);
  if (after > last)
    throw badInput('after', `cursor ${shown} is beyond the end of the changefeed, ${formatFeedCursor(last)}`);
  if (after < last) {
    throw cursorExpired(
      `what comes after cursor ${shown} was acknowledged up to ${formatFeedCursor(last)}, and is gone`,
    );
  }
};
