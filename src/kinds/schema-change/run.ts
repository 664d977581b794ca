/**
 * Runs a schema change: copies the rows into tables with the new definitions, swaps them in once no changes of writers
 * are left to apply, and deletes the old rows. Each batch is one transaction in the target, which also saves the
 * checkpoint and checks the fence. A run continues from that checkpoint, never from the progress in the job store.
 */
import { portOf } from '../../databases/port-of.ts';
import { type Io, PauseAsked } from '../../jobs/kind.ts';
import { type CopyCheckpoint, type SchemaChangeCheckpoint, stepOf } from './checkpoint.ts';
import type { Details } from './details.ts';
import type { SchemaChangeSteps, SchemaChangeWork } from './port.ts';
import { PORTS } from './ports.ts';

export async function* run(work: SchemaChangeWork, io: Io): SchemaChangeSteps {
  if (work.checkpoint?.held !== true) return yield* follow(work, io);
  for await (const step of follow(work, io)) {
    yield { ...step, checkpoint: step.checkpoint && { ...step.checkpoint, held: true } };
  }
}

async function* follow(work: SchemaChangeWork, io: Io): SchemaChangeSteps {
  const { details } = work;
  const target = await portOf(PORTS, io.environment).open(work, io);
  try {
    let checkpoint = await target.checkpoint();
    if (checkpoint?.phase === 'done') return;
    checkpoint ??= yield* target.begin();
    while (checkpoint.phase === 'copying') {
      const copy: CopyCheckpoint | undefined = checkpoint.copies.find(({ isComplete }) => !isComplete);
      if (copy === undefined) holdBeforeCommit(work, checkpoint);
      const step = stepOf(checkpoint, copy === undefined ? 'swapping' : copyMessage(details, copy.table));
      yield step;
      checkpoint = yield* copy === undefined ? target.swap(step) : target.copyBatch(step);
    }
    while (checkpoint.phase !== 'done') {
      const step = stepOf(checkpoint, 'cleaning up');
      yield step;
      checkpoint = yield* target.clean(step);
    }
    yield stepOf(checkpoint, 'cleaning up');
  } catch (error) {
    throw target.failureOf(error);
  } finally {
    await target.close();
  }
}

/** That the hold was reached is saved with the pause, so that nothing but RESUME goes past it. */
const holdBeforeCommit = ({ details, checkpoint: saved }: SchemaChangeWork, checkpoint: SchemaChangeCheckpoint) => {
  if (!details.holdBeforeCommit || saved?.held) return;
  const { checkpoint: progress } = stepOf(checkpoint, 'swapping');
  throw new PauseAsked('waiting to be resumed before the swap', { checkpoint: { ...progress, held: true } });
};

/** Before the swap: removes everything that the job has created. The table itself loses only its triggers. */
export async function* revert(work: SchemaChangeWork, io: Io): SchemaChangeSteps {
  const removal = await portOf(PORTS, io.environment).openRemoval(work, io);
  if (removal === null) return;
  const step = { checkpoint: work.checkpoint, message: 'removing the copy' };
  try {
    while (yield* removal.remove(step)) yield step;
  } catch (error) {
    throw removal.failureOf(error);
  } finally {
    await removal.close();
  }
}

/** A copy may serve only an index. */
const copyMessage = ({ changes }: Details, table: string) => {
  const kinds = changes.flatMap((change) => (change.table === table ? [change.what] : []));
  const isForIndex = kinds.every((kind) => kind === 'createIndex' || kind === 'dropIndex');
  return isForIndex ? 'building index' : 'copying rows';
};
