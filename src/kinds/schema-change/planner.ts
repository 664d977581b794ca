/** Keeps the plan for the current catalogue, and computes it again when the catalogue has changed. */

import type Sqlite from 'better-sqlite3';
import { show } from '../../databases/show.ts';
import type { Owner } from '../../jobs/kind.ts';
import { type Copy, checkVacuum, openCopy } from './copy.ts';
import type { Details, State } from './details.ts';
import { namesOf } from './names.ts';
import { type Plan, planFor } from './plan.ts';
import { inspectWatch, renewWatch } from './watch.ts';

export interface Planned {
  readonly plan: Plan;
  /** The copies of the state, in its order. */
  readonly copies: readonly PlannedCopy[];
}

interface PlannedCopy extends Copy {
  readonly isWatchNewest: boolean;
}

export interface Planner {
  /**
   * Must not be called while the lock is held, since it may take a while.
   * @throws Error when another program has changed what is copied
   */
  planned(state: State | null): Planned;
  /**
   * Call inside a transaction. Returns whether the catalogue is unchanged since, so that the plan is still valid. If
   * not, the transaction must end without changes, and the plan must be computed again without the lock.
   */
  isFresh(): boolean;
}

export const createPlanner = (sql: Sqlite.Database, { changes }: Details, owner: Owner): Planner => {
  let known: { readonly version: unknown; readonly planned: Planned; readonly begun: boolean } | undefined;
  const version = () => sql.pragma('schema_version', { simple: true });
  return {
    planned: (state) => {
      const begun = state !== null;
      if (known?.version !== version() || known?.begun !== begun) {
        const now = version();
        const plan = planFor(sql, changes);
        known = { version: now, begun, planned: { plan, copies: begun ? copiesOf(sql, plan, state, owner) : [] } };
      }
      return known.planned;
    },
    isFresh: () => {
      if (known === undefined || known.version !== version()) return false;
      const late = known.planned.copies.filter(({ isWatchNewest }) => !isWatchNewest);
      for (const { table, names } of late) renewWatch(sql, table, names);
      return late.length === 0;
    },
  };
};

const copiesOf = (sql: Sqlite.Database, plan: Plan, { copies }: State, owner: Owner): readonly PlannedCopy[] => {
  const planned = plan.tables.filter(({ isCopied }) => isCopied);
  return copies.map(({ table: name, shape }, n) => {
    const table = planned[n];
    const changed = new Error(`table ${show(name)} was changed by another program`);
    if (table === undefined || table.name !== name || table.shape !== shape) throw changed;
    const names = namesOf(owner, n);
    const watch = inspectWatch(sql, table, names);
    if (watch === 'gone') throw changed;
    checkVacuum(sql, table, names);
    return { ...openCopy(sql, table, names), isWatchNewest: watch === 'there' };
  });
};
