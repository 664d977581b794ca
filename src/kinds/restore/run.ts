/**
 * Runs a restore: the snapshot is fetched, its rows are loaded hidden, everything is published at one moment. The
 * checkpoints in the work directory and in the target determine where to resume, never the progress that is shown.
 */

import { createSizer } from '../../databases/batch-sizer.ts';
import { portOf } from '../../databases/port-of.ts';
import { acquireWorkDirectoryFence, removeWorkDirectory, withWorkDirectory } from '../../databases/work-directory.ts';
import type { Environment, Io, Task } from '../../jobs/kind.ts';
import { type RestoreWork, type Steps, stepOf } from './details.ts';
import { fetchSnapshot, openSource } from './fetch.ts';
import type { RestoreContext, RestoreTarget } from './port.ts';
import { PORTS } from './ports.ts';

/** How long a batch may keep other writers waiting. */
const BATCH_MS = 10;
const MAX_BATCH_ROWS = 50_000;
/** Starts small, since rows may be large. */
const FIRST_BATCH_ROWS = 8;

/** Keeps older claims out of the work directory, and out of an existing target. */
export const acquireFence = (work: RestoreWork, io: Io, task: Task): Promise<void> => {
  const { makesDatabase } = work.details;
  const acquireTarget = () => portOf(PORTS, io.environment).acquireFence(work, io, task);
  return acquireWorkDirectoryFence(work, io, task, makesDatabase ? undefined : acquireTarget);
};

export async function* run(work: RestoreWork, io: Io): Steps {
  yield* withWorkDirectory(io.environment, work.claim, (directory) => restore({ work, io, directory }));
}

async function* restore(context: RestoreContext): Steps {
  const { work, io } = context;
  const port = portOf(PORTS, io.environment);
  try {
    const target = await port.open(context);
    try {
      if (await target.isPublished()) return;
      yield stepOf(work, 0, 0, 'reading the manifest');
      const backup = await openSource(context);
      const warnings = await target.plan(backup);
      if (warnings.length > 0) yield { ...stepOf(work, 0, 0, 'reading the manifest'), warnings };
      yield* fetchSnapshot(context, backup, target);
      yield* load(context, target);
      yield* target.publish();
    } finally {
      await target.close();
    }
  } catch (error) {
    throw port.failureOf(error, work.details.database);
  }
}

async function* load({ work, io }: RestoreContext, target: RestoreTarget): Steps {
  const newSizer = () => createSizer({ first: FIRST_BATCH_ROWS, most: MAX_BATCH_ROWS });
  let sizer = newSizer();
  for (;;) {
    io.signal.throwIfAborted();
    const batch = yield* target.load(sizer.sizeFor(BATCH_MS));
    if (batch === null) return;
    sizer.done(batch.rows, batch.lockedMs);
    if (batch.isTableDone) sizer = newSizer();
    yield stepOf(work, work.details.snapshotBytes, batch.rowsInTotal, `copying ${batch.table}`);
  }
}

export async function* revert(work: RestoreWork, io: Io): Steps {
  const port = portOf(PORTS, io.environment);
  try {
    yield* port.revert(work, io);
  } catch (error) {
    throw port.failureOf(error, work.details.database);
  }
}

export const cleanUp = async (
  work: Pick<RestoreWork, 'details' | 'claim'>,
  environment: Environment,
  when: 'ended' | 'removed',
): Promise<void> => {
  await removeWorkDirectory(environment, work.claim);
  if (work.details.verifyOnly) return;
  await portOf(PORTS, environment).cleanUp(work, environment, when);
};
