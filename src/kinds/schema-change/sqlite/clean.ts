/**
 * Removes hidden tables. Dropping a large table is one statement that cannot be interrupted, and writers would wait for
 * it, so its rows are deleted first, a few at a time. The remaining work is read from the target, so it can be stopped
 * at any point and repeated.
 */
import type Sqlite from 'better-sqlite3';
import { openForRevert } from '../../../databases/sqlite/acquire-fence.ts';
import { failureOf } from '../../../databases/sqlite/errors.ts';
import { BATCH_MS, createInParts, type InParts } from '../../../databases/sqlite/lock-fairness.ts';
import { quote } from '../../../databases/sqlite/names.ts';
import { objectsOf } from '../../../databases/sqlite/own-names.ts';
import type { Io } from '../../../jobs/kind.ts';
import type { SchemaChangeRemoval, SchemaChangeWork } from '../port.ts';
import { change, type Job, openJob } from './job.ts';
import { ownNameOf } from './names.ts';

export const openRemoval = (work: SchemaChangeWork, io: Io): SchemaChangeRemoval | null => {
  const target = openForRevert(work, io);
  if (target === null) return null;
  const job = openJob(work, io, target);
  const rowRemoval = createRowRemoval(job);
  let areTriggersDropped = false;
  return {
    remove: async function* (last) {
      if (!areTriggersDropped) {
        if (objectsOf(target.sql, ownNameOf(work.claim)).length === 0) return false;
        yield* change(job, last, () => dropAll(job, 'trigger'));
        areTriggersDropped = true;
        return true;
      }
      if (rowRemoval.isMore()) {
        yield* change(job, last, () => void rowRemoval.remove());
        return true;
      }
      target.sql.pragma('synchronous = FULL');
      yield* change(job, last, () => dropAll(job, 'table'));
      return false;
    },
    failureOf: (error) => failureOf(error, work.details.database),
    close: target.close,
  };
};

interface RowRemoval {
  /** Whether the job's tables may still have rows. */
  isMore(): boolean;
  /** Runs inside a transaction. Removes rows of one table. */
  remove(): { readonly table: string; readonly rows: number };
}

const FIRST_ROWS = 200;

export const createRowRemoval = ({ target: { sql }, work }: Job): RowRemoval => {
  let left: Emptying[] | undefined;
  const tables = (): Emptying[] => {
    left ??= objectsOf(sql, ownNameOf(work.claim)).flatMap(({ type, name }) =>
      type === 'table' ? [emptying(sql, name)] : [],
    );
    return left;
  };
  return {
    isMore: () => tables().length > 0,
    remove: () => {
      const [first] = tables();
      if (first === undefined) throw new Error('no table has rows to remove');
      const { table, statement, inParts } = first;
      let [rows, isEmpty] = [0, false];
      inParts(performance.now() + BATCH_MS, (most) => {
        const { changes } = statement.run(most);
        rows += changes;
        isEmpty = changes < most;
        return changes;
      });
      if (isEmpty) tables().shift();
      return { table, rows };
    },
  };
};

interface Emptying {
  readonly table: string;
  readonly statement: Sqlite.Statement;
  readonly inParts: InParts;
}

const emptying = (sql: Sqlite.Database, table: string): Emptying => ({
  table,
  statement: sql.prepare(`DELETE FROM ${quote(table)} LIMIT ?`),
  inParts: createInParts(FIRST_ROWS),
});

export const dropAll = ({ target, work }: Job, type: 'table' | 'trigger'): void => {
  for (const object of objectsOf(target.sql, ownNameOf(work.claim))) {
    if (object.type === type) target.sql.exec(`DROP ${type} ${quote(object.name)}`);
  }
};
