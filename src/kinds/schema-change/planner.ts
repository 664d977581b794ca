/** The plan for the catalogue as it is, worked out again when anybody has changed that. */
import type Sqlite from 'better-sqlite3';
import { show } from '../../databases/show.ts';
import { type Copy, checkVacuum, openCopy } from './copy.ts';
import type { Details, State } from './details.ts';
import { namesOf } from './names.ts';
import { type Plan, planFor } from './plan.ts';
import { watchCount } from './watch.ts';

export interface Planned {
  readonly plan: Plan;
  /** Those of the state, in their order. */
  readonly copies: readonly Copy[];
}

export interface Planner {
  /** Not while the lock is held: it may take a while. @throws Error when somebody has changed what is copied */
  planned(state: State | null): Planned;
  /** Whether nothing has happened to the catalogue since. */
  isFresh(): boolean;
}

export const createPlanner = (sql: Sqlite.Database, { changes }: Details, jobId: string): Planner => {
  let known: { readonly version: unknown; readonly planned: Planned; readonly begun: boolean } | undefined;
  const version = () => sql.pragma('schema_version', { simple: true });
  return {
    planned: (state) => {
      const begun = state !== null;
      if (known?.version !== version() || known?.begun !== begun) {
        const now = version();
        const plan = planFor(sql, changes);
        known = { version: now, begun, planned: { plan, copies: begun ? copiesOf(sql, plan, state, jobId) : [] } };
      }
      return known.planned;
    },
    isFresh: () => known?.version === version(),
  };
};

const copiesOf = (sql: Sqlite.Database, plan: Plan, { copies }: State, jobId: string): readonly Copy[] => {
  const planned = plan.tables.filter(({ isCopied }) => isCopied);
  return copies.map(({ table: name, shape }, n) => {
    const table = planned[n];
    const changed = new Error(`table ${show(name)} was changed meanwhile by somebody else`);
    if (table === undefined || table.name !== name || table.shape !== shape) throw changed;
    const names = namesOf(jobId, n);
    const triggers = sql
      .prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? AND substr(name, 1, ?) = ?")
      .pluck()
      .get(name, names.trigger.length, names.trigger);
    if (triggers !== watchCount(sql, table, names)) throw changed;
    checkVacuum(sql, table, names);
    return openCopy(sql, table, names);
  });
};
