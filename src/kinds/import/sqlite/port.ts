/**
 * IMPORT into a SQLite database. Rows go into a table of the job's own that is hidden until the end (new-table.ts), or
 * into an existing table with a ledger of the job's rows (existing-table.ts).
 */
import { createSizer } from '../../../databases/batch-sizer.ts';
import { quote } from '../../../databases/quote.ts';
import { acquireFence, openTarget, requireTables } from '../../../databases/sqlite/acquire-fence.ts';
import { cleanUp } from '../../../databases/sqlite/clean-up.ts';
import { codeOf, failureOf } from '../../../databases/sqlite/errors.ts';
import { readCheckpoint } from '../../../databases/sqlite/fence.ts';
import { fenced } from '../../../databases/sqlite/fenced.ts';
import type { Target } from '../../../databases/sqlite/open.ts';
import type { Io } from '../../../jobs/kind.ts';
import { afterRows, type ImportCheckpoint } from '../checkpoint.ts';
import type { BadRow, ImportPort, ImportTarget, ImportWork } from '../port.ts';
import { check } from './check.ts';
import { COLUMN_RULES, checkColumns } from './columns.ts';
import { existingTable } from './existing-table.ts';
import type { Destination } from './insert.ts';
import { hiddenTable } from './names.ts';
import { newTable } from './new-table.ts';
import { previewRows } from './preview.ts';
import { FIRST_REFERENCE } from './references.ts';
import { readRejects, readRejectTexts } from './rejects.ts';
import { openRemoval } from './revert.ts';
import { validatedTable } from './validation.ts';

export const sqliteImport: ImportPort = {
  columnRules: COLUMN_RULES,
  check,
  checkColumns,
  preview: previewRows,
  acquireFence,
  open: (work, io) => importTarget(openTarget(work, io), work, io),
  openRemoval,
  rejects: readRejects,
  rejectTexts: readRejectTexts,
  cleanUp: (work, environment, when) => cleanUp(work, environment, hiddenTable(work.claim), when),
};

/** The time for which a batch of discarded rows may keep other writers waiting. */
const DISCARD_MS = 20;

const destinationOf = (sql: Target['sql'], work: ImportWork): Destination => {
  const { existing, validateOnly } = work.details;
  if (!existing) return newTable(sql, work);
  return validateOnly ? validatedTable(sql, work) : existingTable(sql, work);
};

const importTarget = (target: Target, work: ImportWork, { signal }: Io): ImportTarget => {
  const { details, claim } = work;
  const { sql } = target;
  const destination = destinationOf(sql, work);
  const sizer = createSizer({ first: 1_000 });
  return {
    checkpoint: () => {
      const checkpoint = readCheckpoint<ImportCheckpoint>(sql, claim);
      if (checkpoint?.phase === 'importing') requireTables(target, claim, [destination.ownTable]);
      return checkpoint;
    },
    begin: async function* (first, last) {
      yield* fenced(target, claim, last, signal, () => {
        destination.create();
        return first;
      });
    },
    write: async function* ({ source, block, from, to, checkpoint: before }, last) {
      let bad: BadRow | null = null;
      try {
        const checkpoint = yield* fenced(target, claim, last, signal, () => {
          const inserted = destination.inserter(source)(block, from, to, details.rejectLimit - before.rejected);
          bad = inserted.bad;
          return afterRows(before, block, inserted);
        });
        return { checkpoint, bad };
      } catch (error) {
        // At the commit: the key is DEFERRED, and cannot be checked at the end of the import.
        if (codeOf(error) !== 'SQLITE_CONSTRAINT_FOREIGNKEY') throw error;
        const lines = `lines ${block.lines[from]} to ${block.lastLine(to - 1)}`;
        throw new Error(
          `${source.url} ${lines}: a row refers to a row that does not exist, or that comes too late for a foreign key that is INITIALLY DEFERRED`,
        );
      }
    },
    checkReferences: async function* (before, last) {
      let bad: BadRow | null = null;
      let isMore = false;
      const checkpoint = yield* fenced(target, claim, last, signal, () => {
        const { checked = FIRST_REFERENCE, ...rest } = before;
        const settled = destination.checkReferences(checked, details.rejectLimit - before.rejected);
        bad = settled.bad;
        isMore = settled.next !== null;
        return {
          ...rest,
          ...(settled.next === null ? {} : { checked: settled.next }),
          rows: before.rows - settled.rejected,
          rejected: before.rejected + settled.rejected,
        } satisfies ImportCheckpoint;
      });
      return { checkpoint, bad, isMore };
    },
    discard: async function* (last) {
      const most = sizer.sizeFor(DISCARD_MS);
      let removed = 0;
      let tookMs = 0;
      yield* fenced(target, claim, last, signal, () => {
        const startedAt = performance.now();
        removed = sql.prepare(`DELETE FROM ${quote(destination.ownTable)} LIMIT ?`).run(most).changes;
        tookMs = performance.now() - startedAt;
      });
      sizer.done(most, tookMs);
      return removed === most;
    },
    publish: async function* (checkpoint, last) {
      // A success that was reported must survive a power failure; the batches before it need not.
      sql.pragma('synchronous = FULL');
      yield* fenced(target, claim, last, signal, async function* () {
        destination.checkEnd();
        yield { ...last, commit: true };
        destination.publish();
        return { ...checkpoint, phase: 'published' } satisfies ImportCheckpoint;
      });
    },
    failureOf: (error) => failureOf(error, details.database),
    close: target.close,
  };
};
