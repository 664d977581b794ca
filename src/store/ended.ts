/** Reads rows for retention. */
import type { EventCursor } from '../jobs/job.ts';
import type { EndedJob, KnownDatabase } from './store.ts';
import type { Event, Job, JobWork, Stored } from './stored.ts';

export type EndedRow = Pick<Stored<Job>, 'id' | 'storeId' | 'epoch' | 'typeName' | 'database' | 'finishOrder'> &
  Pick<JobWork, 'details' | 'checkpoint'>;

export const readEnded = (rows: readonly EndedRow[], databases: readonly KnownDatabase[]): readonly EndedJob[] => {
  const known = new Map(databases.map((database) => [database.name, database]));
  return rows.map((row) => ({
    id: String(row.id),
    storeId: row.storeId,
    epoch: row.epoch,
    typeName: row.typeName,
    details: JSON.parse(row.details),
    checkpoint: row.checkpoint === null ? null : JSON.parse(row.checkpoint),
    database: known.get(row.database ?? '') ?? null,
    finishedAt: Number(row.finishOrder),
  }));
};

export type LogRow = Pick<Stored<Event>, 'cursor'> & {
  readonly isYoung: bigint | boolean;
  readonly isLive: bigint | boolean;
};

/**
 * Of a scan of so many events: the cursors of those to be removed, and the last cursor scanned; null at the first event
 * that is too young, or at the end of the log.
 */
export const removable = (
  rows: readonly LogRow[],
  limit: number,
): { readonly cursors: readonly EventCursor[]; readonly upTo: EventCursor | null } => {
  const firstYoung = rows.findIndex(({ isYoung }) => Boolean(isYoung));
  const old = firstYoung === -1 ? rows : rows.slice(0, firstYoung);
  const cursors = old.filter(({ isLive }) => !isLive).map(({ cursor }) => Number(cursor));
  const last = rows.at(-1);
  const isEnd = firstYoung !== -1 || last === undefined || rows.length < limit;
  return { cursors, upTo: isEnd ? null : Number(last.cursor) };
};
