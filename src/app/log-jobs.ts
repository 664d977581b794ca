/** Logs what happens to jobs. The log has no values of rows: an error that is about a row keeps these apart. */
import type { Logger } from 'pino';
import type { Access } from '../jobs/access.ts';
import { JOB_STATUSES, type JobStatus } from '../jobs/status.ts';
import { UNFINISHED } from '../store/methods.ts';
import type { Store } from '../store/store.ts';
import type { StoreObserver } from './observed-store.ts';

const EVERYTHING: Access = { sees: 'all', controls: [], userName: '' };
/** A command for more jobs is logged without their ids: the event log has them. */
const MOST_IDS = 100;

export const logJobs = (log: Logger, store: Pick<Store, 'job'>): StoreObserver => ({
  created: ({ typeName: type, database, userName: user, tokenId }, jobId) =>
    log.info({ jobId, type, database, user, ...(tokenId ? { tokenId } : {}) }, 'a job was created'),
  controlled: ({ command, commandId, actor, jobs }, { changedCount, unchangedCount, refusedCount }) => {
    const counts = { changed: changedCount, unchanged: unchangedCount, refused: refusedCount };
    const ids = 'ids' in jobs && jobs.ids.length <= MOST_IDS ? { jobIds: jobs.ids } : {};
    const by = { user: actor.name, ...(actor.tokenId ? { tokenId: actor.tokenId } : {}) };
    log.info({ command, commandId, ...by, ...counts, ...ids }, 'a command was executed');
  },
  settled: ({ jobId }, _settled, status) => {
    if (status !== 'FAILED') return;
    // The first error is kept with the job: the report that ends it is that of the revert.
    store.job(jobId, EVERYTHING).then(
      (job) => {
        const { typeName: type, database, userName: user, error: reason } = job ?? {};
        log.error({ jobId, type, database, user, reason }, 'a job failed');
      },
      (err) => log.error({ jobId, err }, 'a job failed; its error could not be read'),
    );
  },
});

/** Statuses of jobs that a server held when it ended. */
const HELD: readonly JobStatus[] = ['RUNNING', 'PAUSE_REQUESTED', 'CANCEL_REQUESTED', 'REVERTING'];

/** What a server finds when it starts, before it claims anything. */
export const logStart = async (
  log: Logger,
  store: Pick<Store, 'countByStatus'>,
  found: { readonly version: string; readonly migrations: readonly string[]; readonly isShared: boolean },
): Promise<void> => {
  const { isShared, ...about } = found;
  const counts = await store.countByStatus(EVERYTHING, UNFINISHED);
  const numberOf = (statuses: readonly JobStatus[]) =>
    counts.reduce((sum, { status, count }) => sum + (statuses.includes(status) ? count : 0), 0);
  const jobs = Object.fromEntries(
    JOB_STATUSES.map((status) => [status, numberOf([status])]).filter(([, n]) => n !== 0),
  );
  // Those of a shared store may be held by other servers, which are still there.
  log.info({ ...about, jobs, ...(isShared ? {} : { takenOver: numberOf(HELD) }) }, 'the job store is open');
};
