/**
 * The work of an import into a new table. Rows go into a hidden table of the target; each batch is one transaction
 * that also moves the state and checks the fence. Where to go on is read from that state, never from a checkpoint. At
 * the end the table is renamed, in one transaction with the mark that this was done.
 */

import { failureOf } from '../../databases/failures.ts';
import { checkEpoch, enterEpoch, isEntered, readState, stateWriter } from '../../databases/fence.ts';
import { quote } from '../../databases/names.ts';
import { openDatabase } from '../../databases/sqlite.ts';
import { Fenced, type Io, type Step, Transient, type Work } from '../../jobs/kind.ts';
import { openStored, type Stored } from '../../storage/storage.ts';
import { createTable } from './columns.ts';
import { type CsvBlock, CsvRowTooLong, readCsv } from './csv.ts';
import {
  type Checkpoint,
  type Details,
  hiddenTable,
  MAX_ROW_BYTES,
  type Source,
  type State,
  stepOf,
} from './details.ts';
import { inserterOf } from './insert.ts';
import type { Job } from './job.ts';
import { lock } from './lock.ts';
import { createPace, type Pace } from './pace.ts';
import { publish } from './publish.ts';

type Steps<R = void> = AsyncGenerator<Step<Checkpoint>, R, void>;

export async function* run(work: Work<Details, Checkpoint | null>, io: Io): Steps {
  const { databaseFile } = io.places;
  const { database } = work.details;
  if (databaseFile === null) throw new Transient(`database ${database} is not known any more`);
  const target = openDatabase(databaseFile, database, { lockWaitMs: 50 });
  try {
    const saveState = stateWriter<State>(target.sql, work.claim);
    const job: Job = { work, io, target, hidden: hiddenTable(work.claim.jobId), saveState };
    let state = readState<State>(target.sql, work.claim);
    if (state?.phase === 'published') return;
    state ??= yield* begin(job);
    yield stepOf(work.details, state, 'importing');
    state = yield* importSources(job, state);
    yield* publish(job, state);
  } catch (error) {
    throw failureOf(error, database);
  } finally {
    target.close();
  }
}

async function* begin({ work: { details, claim }, io, target, hidden, saveState }: Job): Steps<State> {
  const start = details.sources[0]?.begin ?? { byte: 0, line: 1 };
  const state: State = { phase: 'importing', source: 0, ...start, rows: 0 };
  yield* lock(target, stepOf(details, state, 'importing'), io.signal);
  try {
    // There was no file to enter it in, or one that cannot be written to: that is said here.
    if (!isEntered(target.sql, claim)) enterEpoch(target.sql, claim);
    checkEpoch(target.sql, claim);
    target.sql.exec(`DROP TABLE IF EXISTS ${quote(hidden)}`);
    target.sql.exec(createTable(hidden, details.columns));
    saveState(state);
    target.commit();
  } finally {
    target.rollback();
  }
  return state;
}

async function* importSources(job: Job, from: State): Steps<State> {
  const { sources, maxRowsPerSecond } = job.work.details;
  const pace = maxRowsPerSecond === null ? null : createPace(maxRowsPerSecond);
  let state = from;
  for (const [i, source] of sources.entries()) {
    if (i < state.source) continue;
    if (i > state.source) state = { ...state, source: i, ...source.begin };
    state = yield* importSource(job, source, state, pace);
  }
  return state;
}

async function* importSource(job: Job, source: Source, from: State, pace: Pace | null): Steps<State> {
  const { signal, places } = job.io;
  const stored = openStored(source.url, places);
  await checkUnchanged(stored, source);
  let state: State;
  try {
    state = yield* importRows(job, source, readSource(stored, job.work.details, from, signal), from, pace);
  } catch (error) {
    // A source that is being rewritten looks like one with a bad row.
    const isItsOwn = error instanceof Transient || error instanceof Fenced || signal.aborted;
    if (!isItsOwn) await checkUnchanged(stored, source);
    throw error;
  }
  await checkUnchanged(stored, source);
  return { ...state, byte: source.size };
}

async function* importRows(
  { work: { details }, io: { signal }, target, hidden, saveState }: Job,
  source: Source,
  blocks: AsyncIterable<CsvBlock>,
  from: State,
  pace: Pace | null,
): Steps<State> {
  const insert = inserterOf(target.sql, hidden, details.columns, source);
  let state = from;
  for await (const block of blocks) {
    const size = pace?.sliceRows ?? block.rows.length;
    for (let at = 0; at < block.rows.length; at += size) {
      const to = Math.min(at + size, block.rows.length);
      await pace?.turn(to - at, signal);
      signal.throwIfAborted();
      yield* lock(target, stepOf(details, state, 'importing'), signal);
      const byte = block.ends[to - 1] ?? state.byte;
      const line = block.nextLines[to - 1] ?? state.line;
      const next = { ...state, byte, line, rows: state.rows + to - at };
      try {
        insert(block, at, to);
        saveState(next);
        target.commit();
      } finally {
        target.rollback();
      }
      state = next;
      yield stepOf(details, state, 'importing');
    }
  }
  return state;
}

async function* readSource(stored: Stored, { csv }: Details, from: State, signal: AbortSignal) {
  try {
    yield* readCsv(stored.read(from.byte, signal), { ...csv, maxRowBytes: MAX_ROW_BYTES }, from);
  } catch (error) {
    if (!(error instanceof CsvRowTooLong)) throw error;
    throw new Error(`${stored.url} line ${error.line}: the row is longer than ${MAX_ROW_BYTES / 1024 / 1024} MiB`);
  }
}

const checkUnchanged = async (stored: Stored, source: Source) => {
  const { version } = await stored.stat();
  if (version !== source.version) throw new Error(`${stored.url} has changed since the job was created`);
};
