/**
 * Executes an import. Each batch of rows is one transaction in the target, which also saves the checkpoint and checks
 * the fence. A run continues from that checkpoint, never from the progress in the job store. The last transaction makes
 * the import final, and records that it was done.
 */
import { portOf } from '../../databases/port-of.ts';
import { show } from '../../databases/show.ts';
import { Fenced, type Io, rowError, Transient } from '../../jobs/kind.ts';
import { openStored } from '../../storage/open.ts';
import type { Stored } from '../../storage/storage.ts';
import { atSource, firstCheckpoint, type ImportCheckpoint, stepOf } from './checkpoint.ts';
import { type Details, type Source, urlOf } from './details.ts';
import { createPace, type Pace } from './pace.ts';
import type { BadRow, ColumnRules, ImportSteps, ImportTarget, ImportWork } from './port.ts';
import { PORTS } from './ports.ts';
import { readSource } from './read.ts';
import type { ReadBlock } from './rows.ts';

/** One claimed import, with its target open. */
interface Job {
  readonly work: ImportWork;
  readonly io: Io;
  readonly target: ImportTarget;
  readonly columnRules: ColumnRules;
}

export async function* run(work: ImportWork, io: Io): ImportSteps {
  const { open, columnRules } = portOf(PORTS, io.environment);
  const { details } = work;
  const target = await open(work, io);
  try {
    const job: Job = { work, io, target, columnRules };
    let checkpoint = await target.checkpoint();
    if (checkpoint?.phase === 'published') return;
    if (checkpoint === null) {
      checkpoint = firstCheckpoint(details);
      yield* target.begin(checkpoint, stepOf(details, checkpoint, activityOf(details)));
    }
    yield stepOf(details, checkpoint, activityOf(details));
    checkpoint = yield* importSources(job, checkpoint);
    checkpoint = yield* checkReferences(job, checkpoint);
    yield* discard(job, checkpoint);
    yield* target.publish(checkpoint, stepOf(details, checkpoint, 'publishing'));
  } catch (error) {
    throw target.failureOf(error);
  } finally {
    await target.close();
  }
}

/**
 * Removes the rows that the import inserted, in batches if there are many, so that a stop takes effect soon and locks
 * are held only briefly. The remaining work is read from the target, so revert can be stopped anywhere and repeated.
 * The job's record stays until the job has ended, because it keeps older claims out.
 */
export async function* revert(work: ImportWork, io: Io): ImportSteps {
  const removal = await portOf(PORTS, io.environment).openRemoval(work, io);
  if (removal === null) return;
  const step = { checkpoint: work.checkpoint, message: 'removing rows' };
  try {
    io.signal.throwIfAborted();
    while (yield* removal.remove(step)) {
      yield step;
      io.signal.throwIfAborted();
    }
  } catch (error) {
    throw removal.failureOf(error);
  } finally {
    await removal.close();
  }
}

async function* checkReferences(
  { work: { details }, io: { signal }, target }: Job,
  from: ImportCheckpoint,
): ImportSteps<ImportCheckpoint> {
  let checkpoint = from;
  for (let isMore = details.deferForeignKeys && details.existing; isMore; ) {
    signal.throwIfAborted();
    const checked = yield* target.checkReferences(checkpoint, stepOf(details, checkpoint, 'checking foreign keys'));
    ({ checkpoint, isMore } = checked);
    yield stepOf(details, checkpoint, 'checking foreign keys');
    if (checked.bad !== null) throw badRowError(checked.bad);
  }
  return checkpoint;
}

/** Removes the rows of a validation, in batches, so that no other writer waits long. */
async function* discard({ work: { details }, io: { signal }, target }: Job, checkpoint: ImportCheckpoint): ImportSteps {
  const step = stepOf(details, checkpoint, 'removing rows');
  for (let isMore = details.validateOnly; isMore; ) {
    signal.throwIfAborted();
    isMore = yield* target.discard(step);
    yield step;
  }
}

async function* importSources(job: Job, from: ImportCheckpoint): ImportSteps<ImportCheckpoint> {
  const { sources, maxRowsPerSecond } = job.work.details;
  const pace = maxRowsPerSecond === null ? null : createPace(maxRowsPerSecond);
  let checkpoint = from;
  for (const [i, source] of sources.entries()) {
    if (i < checkpoint.source) continue;
    if (i > checkpoint.source) checkpoint = atSource(checkpoint, i, source);
    checkpoint = yield* importSource(job, source, checkpoint, pace);
  }
  return checkpoint;
}

async function* importSource(
  job: Job,
  source: Source,
  from: ImportCheckpoint,
  pace: Pace | null,
): ImportSteps<ImportCheckpoint> {
  const { signal, environment } = job.io;
  const stored = openStored(urlOf(job.work, source), environment);
  await checkUnchanged(stored, source, signal);
  let checkpoint: ImportCheckpoint;
  try {
    const file = { stored, maxWindowBytes: environment.maxWindowBytes };
    const blocks = readSource(file, source, job.work.details, job.columnRules, from, signal);
    checkpoint = yield* importRows(job, source, blocks, from, pace);
  } catch (error) {
    // A source that is being rewritten looks like one with a bad row.
    const isUnrelated = error instanceof Transient || error instanceof Fenced || signal.aborted;
    if (!isUnrelated) await checkUnchanged(stored, source, signal);
    throw error;
  }
  await checkUnchanged(stored, source, signal);
  return { ...checkpoint, stored: source.size ?? checkpoint.stored };
}

async function* importRows(
  { work: { details }, io: { signal }, target }: Job,
  source: Source,
  blocks: AsyncIterable<ReadBlock>,
  from: ImportCheckpoint,
  pace: Pace | null,
): ImportSteps<ImportCheckpoint> {
  let checkpoint = from;
  for await (const block of blocks) {
    const size = pace?.sliceRows ?? block.rows.length;
    for (let at = 0; at < block.rows.length; at += size) {
      const to = Math.min(at + size, block.rows.length);
      await pace?.throttle(to - at, signal);
      signal.throwIfAborted();
      const batch = { source, block, from: at, to, checkpoint };
      const written = yield* target.write(batch, stepOf(details, checkpoint, activityOf(details)));
      checkpoint = written.checkpoint;
      yield stepOf(details, checkpoint, activityOf(details));
      // The rows before it are committed, so that the rejected rows can be read after the job has failed.
      if (written.bad !== null) throw badRowError(written.bad);
    }
  }
  return checkpoint;
}

const activityOf = ({ validateOnly }: Details) => (validateOnly ? 'validating' : 'importing');

const badRowError = ({ source, line, column, reason, value }: BadRow): Error => {
  const shown = `${source} line ${line}${column === null ? '' : `, column ${column}`}: ${reason}`;
  return rowError(`${shown}: ${show(value)}`, shown);
};

const checkUnchanged = async (stored: Stored, source: Source, signal: AbortSignal) => {
  const { version } = await stored.stat(signal);
  if (version !== source.version) throw new Error(`${stored.url} has changed since the job was created`);
};
