/** How a selection was decided: the guards of a command, and the reasons of its refusals. */
import { badInput, changedSince, countMismatch, cursorExpired } from '../errors.ts';
import { deleteRefusalMessage, type RefusalCode, refusalMessage } from '../jobs/control.ts';
import type { EventCursor, JobId } from '../jobs/job.ts';
import type { JobStatus } from '../jobs/status.ts';
import { type ControlOrder, type ControlOutcome, type DeleteOrder, isLost, type LostEvents } from './store.ts';

/** The state that the caller saw before must still be current; otherwise nothing changes. */
export const checkGuards = async (
  { expectedCount, unchangedSince }: Pick<ControlOrder, 'expectedCount' | 'unchangedSince'>,
  found: {
    readonly selectedCount: number;
    /** No greater cursor has been given to anyone. */
    readonly end: EventCursor;
    readonly horizon: () => Promise<EventCursor>;
    readonly lost?: readonly LostEvents[];
    /** The first selected job with an event after a cursor. */
    readonly changedAfter: (cursor: EventCursor) => Promise<bigint | number | undefined>;
  },
): Promise<void> => {
  if (expectedCount !== null && expectedCount !== found.selectedCount) {
    throw countMismatch(`${found.selectedCount} jobs are selected, and expectedCount is ${expectedCount}`);
  }
  if (unchangedSince === null) return;
  if (unchangedSince > found.end) throw badInput('unchangedSince', `unchangedSince is beyond the log's end`);
  if (isLost(unchangedSince, found.lost ?? []))
    throw cursorExpired('unchangedSince is of an event that the store has lost');
  if (unchangedSince < (await found.horizon())) {
    throw cursorExpired('unchangedSince is of a part of the log that retention has removed');
  }
  const changed = await found.changedAfter(unchangedSince);
  if (changed !== undefined) throw changedSince(`job ${changed} has changed since then`);
};

/** The columns of the job are null if no job has the id. */
export interface RefusedRow {
  readonly id: bigint | number;
  readonly verdict: string | null;
  readonly typeName: string;
  readonly status: string;
  readonly revertCause: string | null;
  readonly committing: boolean | null;
  readonly isAdmin: boolean | null;
}

const jobOf = (row: Pick<RefusedRow, 'id' | 'status' | 'isAdmin'>, { access }: Pick<ControlOrder, 'access'>) => ({
  id: String(row.id) as JobId,
  status: row.status as JobStatus,
  ownerIsAdmin: Boolean(row.isAdmin),
  viewerControlsOthers: access.controls.includes('non-admins'),
});
const codeOf = ({ verdict }: Pick<RefusedRow, 'verdict'>) =>
  (verdict === null ? 'NOT_FOUND' : verdict.slice(1)) as RefusalCode;

export const readRefusal = (row: RefusedRow, order: ControlOrder) => {
  const code = codeOf(row);
  const job = {
    ...jobOf(row, order),
    typeName: row.typeName,
    reverting: row.revertCause === 'failure',
    committing: Boolean(row.committing),
  };
  return { jobId: job.id, code, message: refusalMessage(order.command, code, job, order.actor.name) };
};

export const readDeleteRefusal = (
  row: Pick<RefusedRow, 'id' | 'verdict' | 'status' | 'isAdmin'>,
  order: Pick<DeleteOrder, 'access' | 'actor'>,
) => {
  const code = codeOf(row);
  const job = jobOf(row, order);
  return { jobId: job.id, code, message: deleteRefusalMessage(code, job, order.actor.name) };
};

/** Of a row with the counts of verdicts. */
export const readCounts = (
  { refused, unchanged, found }: Readonly<Record<string, unknown>>,
  notFound: number,
): { readonly refusedCount: number; readonly unchangedCount: number; readonly changedCount: number } => ({
  refusedCount: Number(refused) + notFound,
  unchangedCount: Number(unchanged),
  changedCount: Number(found) - Number(refused) - Number(unchanged),
});

/** The audit event of a command that carries out a plan; null for any other command. */
export const confirmationOf = (
  { confirms, command, commandId, reason }: ControlOrder,
  { selectedCount, changedCount }: Pick<ControlOutcome, 'selectedCount' | 'changedCount'>,
) =>
  confirms === undefined
    ? null
    : {
        action: 'confirmPlan',
        target: commandId,
        after: { command, ...confirms, selectedCount, changedCount },
        reason,
      };
