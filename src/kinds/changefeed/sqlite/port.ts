/** CHANGEFEED of SQLite tables. */
import { rm } from 'node:fs/promises';
import { createSizer } from '../../../databases/batch-sizer.ts';
import { show } from '../../../databases/show.ts';
import { acquireFence, openForRevert } from '../../../databases/sqlite/acquire-fence.ts';
import { cleanUp } from '../../../databases/sqlite/clean-up.ts';
import { inBatches } from '../../../databases/sqlite/drop.ts';
import { failureOf } from '../../../databases/sqlite/errors.ts';
import { feedNames } from '../../../databases/sqlite/feed/names.ts';
import { dropLog, dropTriggers, isAnythingLeft, shrinkLog } from '../../../databases/sqlite/feed/remove.ts';
import { readWatchedTable, TableError } from '../../../databases/sqlite/feed/table.ts';
import { fenced } from '../../../databases/sqlite/fenced.ts';
import { fold } from '../../../databases/sqlite/names.ts';
import type { Target } from '../../../databases/sqlite/open.ts';
import { fileOf } from '../../../databases/sqlite/place.ts';
import { readDatabase } from '../../../databases/sqlite/read-database.ts';
import { badInput } from '../../../errors.ts';
import type { Io } from '../../../jobs/kind.ts';
import type { FeedWork, Steps } from '../details.ts';
import type { FeedPort, FoundTable } from '../port.ts';
import { acknowledgeRead, readMessages } from './reader.ts';
import { sentFolder } from './sent.ts';
import { openSource } from './source.ts';

export const sqliteFeed: FeedPort = {
  acquireFence: (work, io, task) => acquireFence(work, io, task, 'mark'),
  failureOf,
  revert,
  open: openSource,
  read: readMessages,
  acknowledgeRead,
  cleanUp: async (work, environment, when) => {
    await cleanUp(work, environment, feedNames(work.claim).log, when);
    await rm(sentFolder(environment, work.claim.jobId), { recursive: true, force: true });
  },
  findTables: (environment, { database, tables, reservedColumn }) =>
    readDatabase(fileOf(environment), database, (sql) => {
      const found: FoundTable[] = [];
      for (const [i, requested] of tables.entries()) {
        const field = `input.tables.${i}`;
        const { name, columns } = findTable(sql, requested, reservedColumn, field);
        if (found.some((known) => fold(known.name) === fold(name))) {
          throw badInput(field, `table ${show(name)} is named twice`);
        }
        found.push({ name, columns });
      }
      return found;
    }),
};

const findTable = (sql: Target['sql'], requested: string, reservedColumn: string | null, field: string): FoundTable => {
  try {
    const { name, columns } = readWatchedTable(sql, requested);
    if (reservedColumn !== null && columns.some((column) => fold(column) === reservedColumn)) {
      throw new TableError(`table ${show(name)} has a column ${reservedColumn}, which BARE messages need`);
    }
    return { name, columns };
  } catch (error) {
    throw error instanceof TableError ? badInput(field, error.message) : error;
  }
};

/**
 * Drops the triggers, then the log, in batches if it is long. The job's record stays, because it keeps older claims out.
 * Tables that were dropped took their triggers with them.
 */
async function* revert(work: FeedWork, io: Io): Steps {
  const { claim } = work;
  const { signal } = io;
  const target = openForRevert(work, io, true);
  if (target === null) return;
  const { sql } = target;
  const step = {
    checkpoint: work.checkpoint ?? { acked: 0, scanned: 0 },
    message: 'removing the triggers and the log',
  };
  try {
    if (!isAnythingLeft(sql, claim)) return;
    yield* fenced(target, claim, step, signal, () => dropTriggers(sql, claim));
    yield step;
    const shrink = (rows: number) => shrinkLog(sql, claim, rows);
    yield* inBatches(target, claim, step, signal, createSizer({ first: 1_000 }), shrink);
    sql.pragma('synchronous = FULL');
    yield* fenced(target, claim, step, signal, () => dropLog(sql, claim));
  } finally {
    target.close();
  }
}
