import { existsSync } from 'node:fs';
import { failureOf } from '../../databases/failures.ts';
import { checkEpoch, readState } from '../../databases/fence.ts';
import { quote } from '../../databases/names.ts';
import { openDatabase, type Target } from '../../databases/sqlite.ts';
import type { Io, Step, Work } from '../../jobs/kind.ts';
import { bytesRead, type Checkpoint, type Details, hiddenTable, type State } from './details.ts';
import { lock } from './lock.ts';

// Dropping a table is one statement that cannot be interrupted, and takes about half a millisecond a megabyte.
const DROP_AT_ONCE_BYTES = 128 * 1024 * 1024;
const BATCH_MS = 20;

/**
 * Removes the hidden table. A large one is emptied first, in batches, so that a stop is heard and nobody waits long
 * for the lock. The row of the job stays: it is what keeps older claims out.
 */
export async function* revert(
  { details, checkpoint, claim }: Work<Details, Checkpoint | null>,
  io: Io,
): AsyncGenerator<Step<Checkpoint | null>, void, void> {
  const { databaseFile } = io.places;
  // The rows went with the database.
  if (databaseFile === null || !existsSync(databaseFile)) return;
  const target = openDatabase(databaseFile, details.database, { lockWaitMs: 50 });
  const step = { checkpoint, message: 'removing rows' };
  const table = quote(hiddenTable(claim.jobId));
  try {
    const state = readState<State>(target.sql, claim);
    if (state === null || !exists(target, hiddenTable(claim.jobId))) return;
    // What an earlier attempt removed is not known: then more is removed in batches than had to be.
    const atOnce = (state.rows * DROP_AT_ONCE_BYTES) / bytesRead(details.sources, state);
    let rows = 1_000;
    for (let left = state.rows; left > atOnce; ) {
      io.signal.throwIfAborted();
      const startedAt = performance.now();
      yield* change(target, claim, step, io, () => {
        const { changes } = target.sql.prepare(`DELETE FROM ${table} LIMIT ?`).run(rows);
        left = changes === 0 ? 0 : left - changes;
      });
      rows = Math.max(1, Math.round(rows * Math.min(2, BATCH_MS / (performance.now() - startedAt))));
      yield step;
    }
    target.sql.pragma('synchronous = FULL');
    yield* change(target, claim, step, io, () => target.sql.exec(`DROP TABLE IF EXISTS ${table}`));
  } catch (error) {
    throw failureOf(error, details.database);
  } finally {
    target.close();
  }
}

async function* change(
  target: Target,
  claim: Work<Details, Checkpoint | null>['claim'],
  step: Step<Checkpoint | null>,
  { signal }: Io,
  make: () => void,
): AsyncGenerator<Step<Checkpoint | null>, void, void> {
  yield* lock(target, step, signal);
  try {
    checkEpoch(target.sql, claim);
    make();
    target.commit();
  } finally {
    target.rollback();
  }
}

const exists = (target: Target, name: string) =>
  target.sql.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
