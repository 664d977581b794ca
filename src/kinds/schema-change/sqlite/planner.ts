/** Keeps the plan for the current catalogue, and computes it again when the catalogue has changed. */

import type Sqlite from 'better-sqlite3';
import { show } from '../../../databases/show.ts';
import type { Owner } from '../../../jobs/kind.ts';
import type { Details } from '../details.ts';
import { type Copy, checkVacuum, openCopy, type SqliteCheckpoint } from './copy.ts';
import { copyNames } from './names.ts';
import { type Plan, planFor } from './plan.ts';
import { inspectWatch, renewWatch } from './watch.ts';

export interface Planned {
  readonly plan: Plan;
  /** The copies of the checkpoint, in its order. */
  readonly copies: readonly PlannedCopy[];
}

interface PlannedCopy extends Copy {
  readonly isWatchCurrent: boolean;
}

export interface Planner {
  /**
   * Must not be called while the lock is held, since it may take a while.
   * @throws Error when another program has changed a table that is copied
   */
  planned(checkpoint: SqliteCheckpoint | null): Planned;
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
    planned: (checkpoint) => {
      const begun = checkpoint !== null;
      if (known?.version !== version() || known?.begun !== begun) {
        const now = version();
        const plan = planFor(sql, changes);
        known = { version: now, begun, planned: { plan, copies: begun ? copiesOf(sql, plan, checkpoint, owner) : [] } };
      }
      return known.planned;
    },
    isFresh: () => {
      if (known === undefined || known.version !== version()) return false;
      const outdated = known.planned.copies.filter(({ isWatchCurrent }) => !isWatchCurrent);
      for (const { table, names } of outdated) renewWatch(sql, table, names);
      return outdated.length === 0;
    },
  };
};

const copiesOf = (
  sql: Sqlite.Database,
  plan: Plan,
  { copies }: SqliteCheckpoint,
  owner: Owner,
): readonly PlannedCopy[] => {
  const planned = plan.tables.filter(({ isCopied }) => isCopied);
  return copies.map(({ table: name, shape }, n) => {
    const table = planned[n];
    const changed = new Error(`table ${show(name)} was changed by another program`);
    if (table === undefined || table.name !== name || table.shape !== shape) throw changed;
    const names = copyNames(owner, n);
    const watch = inspectWatch(sql, table, names);
    if (watch === 'missing') throw changed;
    checkVacuum(sql, table, names);
    return { ...openCopy(sql, table, names), isWatchCurrent: watch === 'current' };
  });
};
