/**
 * Runs a schema change. Each batch is one transaction in the target that also saves the state and checks the fence: it
 * applies the changes of writers first, then copies more rows. The position is read from the target, never from a
 * checkpoint. Once all rows are copied and no changes are left to apply, the copies are swapped in, and the old rows
 * are deleted.
 */
import { openTarget, requireTables } from '../../databases/sqlite/acquire-fence.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { readCheckpoint } from '../../databases/sqlite/fence.ts';
import { rowCountOf } from '../../databases/sqlite/inspect.ts';
import type { Io } from '../../jobs/kind.ts';
import { clean } from './clean.ts';
import { type Copy, createCopy } from './copy.ts';
import { type CopyState, type State, stepOf } from './details.ts';
import { change, checkRoom, type Job, openJob, type SchemaWork, type Steps } from './job.ts';
import { namesOf } from './names.ts';
import { BATCH_MS, nextBudget } from './pace.ts';
import { createPlanner, type Planned, type Planner } from './planner.ts';
import { swapIn } from './swap.ts';

const COUNT_MS = 3_000;

export async function* run(work: SchemaWork, io: Io): Steps {
  const target = openTarget(work, io);
  const job = openJob(work, io, target);
  try {
    let state = readCheckpoint<State>(target.sql, work.claim);
    if (state?.phase === 'done') return;
    if (state?.phase === 'copying') {
      requireTables(
        target,
        work.claim,
        state.copies.flatMap((_, n) => [namesOf(work.claim, n).copy, namesOf(work.claim, n).log]),
      );
    }
    if (state === null || state.phase === 'copying') {
      const planner = createPlanner(target.sql, work.details, work.claim);
      state ??= yield* begin(job, planner);
      state = yield* copyAll(job, planner, state);
      state = yield* swap(job, planner, state);
    }
    yield* clean(job, state);
  } catch (error) {
    throw failureOf(error, work.details.database);
  } finally {
    target.close();
  }
}

async function* begin(job: Job, planner: Planner): Steps<State> {
  const { target, work, io } = job;
  for (;;) {
    const copied = planner.planned(null).plan.tables.filter(({ isCopied }) => isCopied);
    const copies: CopyState[] = [];
    for (const { name: table, shape } of copied) {
      const total = await rowCountOf(target.sql, table, COUNT_MS);
      copies.push({ table, shape, total, isBegun: false, isComplete: false, rows: 0, removedUpTo: 0, cleaned: 0 });
      io.signal.throwIfAborted();
    }
    const state: State = { phase: 'copying', copies };
    const make = () => {
      if (!planner.isFresh()) return undefined;
      for (const [n, table] of copied.entries()) createCopy(target.sql, table, namesOf(work.claim, n));
      return state;
    };
    if ((yield* change(job, stepOf(state, 'copying rows'), make)) !== undefined) return state;
  }
}

async function* copyAll(job: Job, planner: Planner, from: State): Steps<State> {
  let [state, budget] = [from, BATCH_MS];
  for (;;) {
    const planned = planner.planned(state);
    const active = state.copies.findIndex(({ isComplete }) => !isComplete);
    if (active === -1) return state;
    const step = stepOf(state, planned.copies[active]?.table.phase ?? 'copying rows');
    yield step;
    checkRoom(job.io);
    const before = state;
    state = yield* change(job, step, () => {
      // Another program has changed the catalogue since. It is inspected without the lock.
      if (!planner.isFresh()) return before;
      const until = performance.now() + budget;
      const next = caughtUp(before, planned, until);
      budget = nextBudget(budget, !planned.copies.every((one) => one.isUpToDate()));
      const [copy, its] = [planned.copies[active], next.copies[active]];
      if (copy === undefined || its === undefined) return before;
      const isFree = copy.isUpToDate() && performance.now() < until;
      return replaced(next, active, isFree ? copy.copyRows(its, until) : its);
    });
  }
}

const caughtUp = (state: State, { copies }: Planned, until: number): State => ({
  ...state,
  copies: state.copies.map((its, n) => (copies[n] as Copy).catchUp(its, until)),
});

const replaced = (state: State, n: number, its: CopyState): State => ({
  ...state,
  copies: state.copies.map((one, i) => (i === n ? its : one)),
});

/**
 * Holds the target's write lock while the engine decides: once the engine has marked the job, no writer can interfere.
 */
async function* swap(job: Job, planner: Planner, from: State): Steps<State> {
  const { target, work } = job;
  // A job that is reported as succeeded has to survive a power failure; earlier batches need not.
  target.sql.pragma('synchronous = FULL');
  let [state, budget] = [from, BATCH_MS];
  for (;;) {
    const [before, planned] = [state, planner.planned(state)];
    const step = stepOf(before, 'swapping');
    yield step;
    state = yield* change(job, step, async function* () {
      if (!planner.isFresh()) return before;
      const next = caughtUp(before, planned, performance.now() + budget);
      if (!planned.copies.every((copy) => copy.isUpToDate())) {
        budget = nextBudget(budget, true);
        return next;
      }
      swapIn(target.sql, planned, work.claim);
      const swapped: State = { ...next, phase: 'swapped' };
      yield { ...stepOf(swapped, 'swapping'), commit: true };
      return swapped;
    });
    if (state.phase === 'swapped') return state;
  }
}
