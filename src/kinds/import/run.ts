/**
 * Executes an import. Each batch of rows is one transaction in the target that also updates the state and checks the
 * fence. The state, never a checkpoint, determines where to resume. The final step of the destination is one
 * transaction, which also records that it was done.
 */

import { openTarget, requireTables } from '../../databases/sqlite/acquire-fence.ts';
import { failureOf } from '../../databases/sqlite/errors.ts';
import { readCheckpoint } from '../../databases/sqlite/fence.ts';
import { fenced } from '../../databases/sqlite/fenced.ts';
import { Fenced, type Io, type Step, Transient, type Work } from '../../jobs/kind.ts';
import { openStored } from '../../storage/open.ts';
import type { Stored } from '../../storage/storage.ts';
import { beginOf, bytesRead, type Checkpoint, type Details, type Source, type State, stepOf } from './details.ts';
import { type BadRow, errorOf } from './errors.ts';
import type { Job } from './job.ts';
import { destinationOf } from './job.ts';
import { createPace, type Pace } from './pace.ts';
import { publish } from './publish.ts';
import { type ReadBlock, readSource } from './read.ts';
import type { Inserted } from './rows.ts';
import { urlOf } from './secrets.ts';

type Steps<R = void> = AsyncGenerator<Step<Checkpoint>, R, void>;

export async function* run(work: Work<Details, Checkpoint | null>, io: Io): Steps {
  const { database } = work.details;
  const target = openTarget(work, io);
  try {
    const job: Job = { work, io, target, destination: destinationOf(target, work) };
    let state = readCheckpoint<State>(target.sql, work.claim);
    if (state?.phase === 'published') return;
    if (state !== null) requireTables(target, work.claim, [job.destination.ownTable]);
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

async function* begin({ work: { details, claim }, io, target, destination }: Job): Steps<State> {
  const [first] = details.sources;
  const start = first === undefined ? { byte: 0, line: 1, stored: 0 } : beginOf(first);
  const state: State = { phase: 'importing', source: 0, ...start, storedBefore: 0, rows: 0, rejected: 0 };
  return yield* fenced(target, claim, stepOf(details, state, 'importing'), io.signal, () => {
    destination.create();
    return state;
  });
}

async function* importSources(job: Job, from: State): Steps<State> {
  const { sources, maxRowsPerSecond } = job.work.details;
  const pace = maxRowsPerSecond === null ? null : createPace(maxRowsPerSecond);
  let state = from;
  for (const [i, source] of sources.entries()) {
    if (i < state.source) continue;
    if (i > state.source) state = { ...state, source: i, storedBefore: bytesRead(state), ...beginOf(source) };
    state = yield* importSource(job, source, state, pace);
  }
  return state;
}

async function* importSource(job: Job, source: Source, from: State, pace: Pace | null): Steps<State> {
  const { signal, environment } = job.io;
  const stored = openStored(urlOf(job.work, source), environment);
  await checkUnchanged(stored, source, signal);
  let state: State;
  try {
    state = yield* importRows(job, source, readSource(stored, source, job.work.details, from, signal), from, pace);
  } catch (error) {
    // A source that is being rewritten looks like one with a bad row.
    const isItsOwn = error instanceof Transient || error instanceof Fenced || signal.aborted;
    if (!isItsOwn) await checkUnchanged(stored, source, signal);
    throw error;
  }
  await checkUnchanged(stored, source, signal);
  return { ...state, stored: source.size ?? state.stored };
}

async function* importRows(
  { work: { details, claim }, io: { signal }, target, destination }: Job,
  source: Source,
  blocks: AsyncIterable<ReadBlock>,
  from: State,
  pace: Pace | null,
): Steps<State> {
  let state = from;
  for await (const block of blocks) {
    const size = pace?.sliceRows ?? block.rows.length;
    for (let at = 0; at < block.rows.length; at += size) {
      const to = Math.min(at + size, block.rows.length);
      await pace?.turn(to - at, signal);
      signal.throwIfAborted();
      const before = state;
      let bad: BadRow | null = null;
      state = yield* fenced(target, claim, stepOf(details, before, 'importing'), signal, () => {
        const inserted = destination.inserter(source)(block, at, to, details.rejectLimit - before.rejected);
        bad = inserted.bad;
        return behind(block, inserted, before);
      });
      yield stepOf(details, state, 'importing');
      // The rows before it are committed, so that the rejected rows can be read after the job has failed.
      if (bad !== null) throw errorOf(bad);
    }
  }
  return state;
}

const behind = (block: ReadBlock, { rows, rejected, to }: Inserted, state: State): State => ({
  ...state,
  byte: block.ends[to - 1] ?? state.byte,
  line: block.nextLines[to - 1] ?? state.line,
  // If a source is read again from its beginning, its stored offset can be smaller or larger for the same rows.
  stored: Math.max(state.stored, block.storedBytes ?? block.ends[to - 1] ?? 0),
  rows: state.rows + rows,
  rejected: state.rejected + rejected,
});

const checkUnchanged = async (stored: Stored, source: Source, signal: AbortSignal) => {
  const { version } = await stored.stat(signal);
  if (version !== source.version) throw new Error(`${stored.url} has changed since the job was created`);
};
