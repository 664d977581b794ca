/**
 * Removes hidden tables. Dropping a large table is one statement that cannot be interrupted, and writers would wait for
 * it, so its rows are deleted first, a few at a time. The remaining work is read from the target, so it can be stopped
 * at any point and repeated.
 */
import { openForRevert } from '../../databases/sqlite/acquire-fence.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { quote } from '../../databases/sqlite/names.ts';
import { objectsOf } from '../../databases/sqlite/own-names.ts';
import type { Io } from '../../jobs/kind.ts';
import { type CopyState, ownNameOf, type State, stepOf } from './details.ts';
import { change, type Job, openJob, type SchemaWork, type Steps } from './job.ts';
import { namesOf } from './names.ts';
import { BATCH_MS, createInParts } from './pace.ts';

const FIRST_ROWS = 200;

/** After the swap: deletes the rows of the old tables. */
export async function* clean(job: Job, from: State): Steps {
  const { target, work } = job;
  let state = from;
  target.sql.pragma('synchronous = NORMAL');
  yield* emptyAll(
    job,
    () => stepOf(state, 'cleaning up'),
    (table, removed) => {
      const copies = state.copies.map(
        (its, n): CopyState =>
          namesOf(work.claim, n).old === table ? { ...its, cleaned: its.cleaned + removed } : its,
      );
      state = { ...state, copies };
      return state;
    },
  );
  target.sql.pragma('synchronous = FULL');
  yield* change(job, stepOf(state, 'cleaning up'), () => {
    dropAll(job, 'table');
    return { ...state, phase: 'done' as const };
  });
  yield stepOf({ ...state, phase: 'done' }, 'cleaning up');
}

/** Before the swap: removes everything that the job has created. The table itself loses only its triggers. */
export async function* revert(work: SchemaWork, io: Io): Steps {
  const target = openForRevert(work, io);
  // Everything was removed with the database.
  if (target === null) return;
  const step = { checkpoint: work.checkpoint, message: 'removing the copy' };
  const job = openJob(work, io, target);
  try {
    if (objectsOf(job.target.sql, ownNameOf(work.claim)).length === 0) return;
    yield* change(job, step, () => dropAll(job, 'trigger'));
    yield* emptyAll(job, () => step);
    job.target.sql.pragma('synchronous = FULL');
    yield* change(job, step, () => dropAll(job, 'table'));
  } catch (error) {
    throw failureOf(error, work.details.database);
  } finally {
    job.target.close();
  }
}

/** @param note called inside the transaction with the number of rows it removed; returns the position to save */
async function* emptyAll(
  job: Job,
  step: () => ReturnType<typeof stepOf> | { readonly checkpoint: SchemaWork['checkpoint']; readonly message: string },
  note: (table: string, removed: number) => State | undefined = () => undefined,
): Steps {
  const { sql } = job.target;
  for (const { type, name } of objectsOf(job.target.sql, ownNameOf(job.work.claim))) {
    if (type !== 'table') continue;
    const remove = sql.prepare(`DELETE FROM ${quote(name)} LIMIT ?`);
    const inParts = createInParts(FIRST_ROWS);
    for (let isMore = true; isMore; ) {
      yield step();
      yield* change(job, step(), () => {
        let [removed, isAll] = [0, false];
        inParts(performance.now() + BATCH_MS, (rows) => {
          const { changes } = remove.run(rows);
          removed += changes;
          isAll = changes < rows;
          return changes;
        });
        isMore = !isAll;
        return note(name, removed);
      });
    }
  }
}

const dropAll = ({ target, work }: Job, type: 'table' | 'trigger') => {
  for (const object of objectsOf(target.sql, ownNameOf(work.claim))) {
    if (object.type === type) target.sql.exec(`DROP ${type} ${quote(object.name)}`);
  }
};
