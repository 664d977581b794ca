/**
 * SCHEMA CHANGE of a SQLite database. Each batch applies the changes of writers first, then copies more rows into hidden
 * tables, which take over the names of the old ones in one transaction (swap.ts).
 */
import type Sqlite from 'better-sqlite3';
import { acquireFence, openTarget, requireTables } from '../../../databases/sqlite/acquire-fence.ts';
import { cleanUp } from '../../../databases/sqlite/clean-up.ts';
import { failureOf } from '../../../databases/sqlite/errors.ts';
import { readCheckpoint } from '../../../databases/sqlite/fence.ts';
import { rowCountOf } from '../../../databases/sqlite/inspect.ts';
import { BATCH_MS, nextBudget } from '../../../databases/sqlite/lock-fairness.ts';
import { stepOf } from '../checkpoint.ts';
import type { SchemaChangePort, SchemaChangeSteps, SchemaChangeTarget } from '../port.ts';
import { plan } from './check.ts';
import { createRowRemoval, dropAll, openRemoval } from './clean.ts';
import { type Copy, createCopy, type SqliteCheckpoint, type SqliteCopyCheckpoint } from './copy.ts';
import { change, checkDiskSpace, type Job, openJob } from './job.ts';
import { copyNames, ownNameOf } from './names.ts';
import { createPlanner, type Planned, type Planner } from './planner.ts';
import { recorded } from './recorded.ts';
import { swapIn } from './swap.ts';

export const sqliteSchemaChange: SchemaChangePort = {
  plan,
  acquireFence,
  open: (work, io) => changeTarget(openJob(work, io, openTarget(work, io))),
  openRemoval,
  recorded,
  cleanUp: (work, environment, when) => cleanUp(work, environment, ownNameOf(work.claim), when),
};

const changeTarget = (job: Job): SchemaChangeTarget => {
  const { target, work } = job;
  const { sql } = target;
  const planner = createPlanner(sql, work.details, work.claim);
  const rowRemoval = createRowRemoval(job);
  const budgetsMs = { copy: BATCH_MS, swap: BATCH_MS };
  let current: SqliteCheckpoint | null = null;
  const checkpoint = (): SqliteCheckpoint => {
    if (current === null) throw new Error('a schema change has no checkpoint before it begins');
    return current;
  };
  return {
    checkpoint: () => {
      current = readCheckpoint<SqliteCheckpoint>(sql, work.claim);
      if (current?.phase === 'copying') requireCopies(job, current);
      return current;
    },
    begin: async function* () {
      current = yield* begin(job, planner);
      return current;
    },
    copyBatch: async function* (last) {
      const before = checkpoint();
      const planned = planner.planned(before);
      checkDiskSpace(job.io);
      current = yield* change(job, last, () => {
        // Another program has changed the catalogue since. It is inspected without the lock.
        if (!planner.isFresh()) return before;
        const until = performance.now() + budgetsMs.copy;
        const next = caughtUp(before, planned, until);
        budgetsMs.copy = nextBudget(budgetsMs.copy, !planned.copies.every((one) => one.isUpToDate()));
        return copyRows(next, planned, until);
      });
      return current;
    },
    swap: async function* (last) {
      const before = checkpoint();
      const planned = planner.planned(before);
      makeDurable(sql);
      current = yield* change(job, last, async function* (): SchemaChangeSteps<SqliteCheckpoint> {
        if (!planner.isFresh()) return before;
        const next = caughtUp(before, planned, performance.now() + budgetsMs.swap);
        if (!planned.copies.every((copy) => copy.isUpToDate())) {
          budgetsMs.swap = nextBudget(budgetsMs.swap, true);
          return next;
        }
        for (const copy of planned.copies) copy.checkBeforeSwap();
        swapIn(sql, planned, work.claim);
        const swapped = { ...next, phase: 'swapped' } as const;
        // The lock is held while the engine decides: once it has marked the job, no writer can interfere.
        yield { ...stepOf(swapped, 'swapping'), commit: true };
        return swapped;
      });
      return current;
    },
    clean: async function* (last) {
      const before = checkpoint();
      if (rowRemoval.isMore()) {
        sql.pragma('synchronous = NORMAL');
        current = yield* change(job, last, () => withCleaned(before, job, rowRemoval.remove()));
      } else {
        makeDurable(sql);
        current = yield* change(job, last, () => {
          dropAll(job, 'table');
          return { ...before, phase: 'done' } as const;
        });
      }
      return current;
    },
    failureOf: (error) => failureOf(error, work.details.database),
    close: target.close,
  };
};

/** A job that is reported as succeeded has to survive a power failure; earlier batches need not. */
const makeDurable = (sql: Sqlite.Database) => sql.pragma('synchronous = FULL');

const requireCopies = ({ target, work }: Job, { copies }: SqliteCheckpoint) => {
  const names = copies.map((_, n) => copyNames(work.claim, n));
  requireTables(
    target,
    work.claim,
    names.flatMap(({ copy, log }) => [copy, log]),
  );
};

const COUNT_MS = 3_000;

async function* begin(job: Job, planner: Planner): SchemaChangeSteps<SqliteCheckpoint> {
  const { target, work, io } = job;
  for (;;) {
    const copied = planner.planned(null).plan.tables.filter(({ isCopied }) => isCopied);
    const copies: SqliteCopyCheckpoint[] = [];
    for (const { name: table, shape } of copied) {
      const total = await rowCountOf(target.sql, table, COUNT_MS);
      copies.push({ table, shape, total, isBegun: false, isComplete: false, rows: 0, removedUpTo: 0, cleaned: 0 });
      io.signal.throwIfAborted();
    }
    const first: SqliteCheckpoint = { phase: 'copying', copies };
    const create = () => {
      if (!planner.isFresh()) return undefined;
      for (const [n, table] of copied.entries()) createCopy(target.sql, table, copyNames(work.claim, n));
      return first;
    };
    if ((yield* change(job, stepOf(first, 'copying rows'), create)) !== undefined) return first;
  }
}

const caughtUp = (checkpoint: SqliteCheckpoint, { copies }: Planned, until: number): SqliteCheckpoint => ({
  ...checkpoint,
  copies: checkpoint.copies.map((its, n) => (copies[n] as Copy).catchUp(its, until)),
});

/** Copies rows of the first copy that is not complete, if changes of writers have left time for it. */
const copyRows = (checkpoint: SqliteCheckpoint, planned: Planned, until: number): SqliteCheckpoint => {
  const active = checkpoint.copies.findIndex(({ isComplete }) => !isComplete);
  const copy = planned.copies[active];
  if (copy === undefined || !copy.isUpToDate() || performance.now() >= until) return checkpoint;
  return { ...checkpoint, copies: checkpoint.copies.map((its, n) => (n === active ? copy.copyRows(its, until) : its)) };
};

const withCleaned = (
  checkpoint: SqliteCheckpoint,
  { work }: Job,
  { table, rows }: { readonly table: string; readonly rows: number },
): SqliteCheckpoint => ({
  ...checkpoint,
  copies: checkpoint.copies.map((its, n) =>
    copyNames(work.claim, n).old === table ? { ...its, cleaned: its.cleaned + rows } : its,
  ),
});
