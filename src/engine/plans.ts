/**
 * Plans: what a dry run showed, as a sealed text that a person may confirm later. Nothing is stored. Only this server,
 * and others with the same secret on the same store, can make such a text or read one.
 */
import { randomUUID } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Vault } from '../auth/vault.ts';
import { changedSince, notFound, SignalboxError } from '../errors.ts';
import type { Access } from '../jobs/access.ts';
import { readsOnlyEvents } from '../jobs/filter.ts';
import type { EventCursor, Instant } from '../jobs/job.ts';
import type { JobCommand } from '../jobs/status.ts';
import type { ControlOutcome, Selection } from '../store/store.ts';
import type { Control, ControlBy, Order } from './control.ts';

interface Plan {
  readonly command: JobCommand;
  readonly jobs: Selection;
  readonly abortOnRefusal: boolean;
  readonly reason: string | null;
  readonly plannedBy: string;
  /** What the planner saw: a confirmation reaches no other jobs. */
  readonly sees: Access['sees'];
  readonly cursor: EventCursor;
  readonly count: number;
  readonly expiresAt: Instant;
  /** The id of the command: a confirmation that is repeated gets the same answer. */
  readonly commandId: string;
}

/** What a client confirms. */
export interface Confirmation {
  readonly planId: string;
  /** Replaces the reason of the dry run. Null: that one stays. */
  readonly reason: string | null;
  readonly list: Order['list'];
}

export interface Plans {
  /** How many jobs of its selection a dry run has to list so that it can be planned. */
  selectedFor(jobs: Selection): number;
  /** Null if the selection depends on what no event records, and is too large to be listed. */
  planOf(order: Order, outcome: ControlOutcome, access: Access): string | null;
  /**
   * Carries out a plan under the access of the person who confirms it.
   * @throws NOT_FOUND for a text that is no plan or has expired, CHANGED_SINCE if the selected jobs are not as they were
   */
  confirm(
    confirmation: Confirmation,
    access: Access,
    by: ControlBy,
  ): Promise<Awaited<ReturnType<Control>> & { readonly command: JobCommand }>;
}

const LIFE_MS = 60 * 60 * 1_000;
/** As many ids as a selection may have. */
const MOST_LISTED = 10_000;

export const createPlans = (vault: Pick<Vault, 'boxFor'>, control: Control, now: () => Instant): Plans => {
  const box = vault.boxFor('plan');
  const isListed = (jobs: Selection) => 'where' in jobs && !readsOnlyEvents(jobs.where);
  const read = (planId: string): Plan => {
    const opened = box.open(planId);
    const plan: Plan | null = opened === null ? null : JSON.parse(inflateRawSync(opened).toString('utf8'));
    if (plan === null || plan.expiresAt <= now()) {
      throw notFound('the plan does not exist or has expired: plans can be confirmed for an hour');
    }
    return plan;
  };
  return {
    selectedFor: (jobs) => (isListed(jobs) ? MOST_LISTED + 1 : 0),
    planOf: ({ command, jobs, abortOnRefusal, reason }, { selected, selectedCount, cursor }, { sees, userName }) => {
      if (isListed(jobs) && selected.length > MOST_LISTED) return null;
      const plan: Plan = {
        command,
        jobs: isListed(jobs) && selected.length > 0 ? { ids: selected } : jobs,
        abortOnRefusal,
        reason,
        plannedBy: userName,
        sees,
        cursor,
        count: selectedCount,
        expiresAt: now() + LIFE_MS,
        commandId: randomUUID(),
      };
      return box.seal(deflateRawSync(JSON.stringify(plan)));
    },
    confirm: async ({ planId, reason, list }, access, by) => {
      const plan = read(planId);
      const { command, jobs, abortOnRefusal, plannedBy, commandId } = plan;
      const order: Order = {
        command,
        jobs,
        abortOnRefusal,
        reason: reason ?? plan.reason,
        dryRun: false,
        expectedCount: plan.count,
        unchangedSince: plan.cursor,
        list,
        confirms: { plannedBy, commandId },
      };
      try {
        return { ...(await control(order, seenByBoth(plan, access), by)), command };
      } catch (error) {
        throw asChange(error);
      }
    },
  };
};

/** The access of a viewer, to the jobs only that the planner saw as well. */
const seenByBoth = ({ sees }: Plan, access: Access): Access => {
  if (sees === 'all') return access;
  if (access.sees === 'all' || access.sees.userName === sees.userName) return { ...access, sees };
  throw notFound('the plan is about jobs that you may not see');
};

/** Other jobs, or a log that no longer reaches back: either way it is not known to be as it was. */
const asChange = (error: unknown): unknown =>
  error instanceof SignalboxError && (error.code === 'COUNT_MISMATCH' || error.code === 'CURSOR_EXPIRED')
    ? changedSince(`the selected jobs are not those of the plan: ${error.message}`)
    : error;
