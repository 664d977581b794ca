import { checkFence } from '../../databases/sqlite/fence.ts';
import { lock } from '../../databases/sqlite/lock.ts';
import type { Step } from '../../jobs/kind.ts';
import { type Checkpoint, type State, stepOf } from './details.ts';
import type { Job } from './job.ts';

/**
 * Makes the import final. The write lock of the target is held while the engine decides: once it has marked the job as
 * committing, nobody can get in its way any more.
 */
export async function* publish(job: Job, state: State): AsyncGenerator<Step<Checkpoint>, void, void> {
  const { target, io, destination, saveState } = job;
  const { details, claim } = job.work;
  const step = stepOf(details, state, 'publishing');
  // What is reported as succeeded has to outlive a power cut; batches before it need not.
  target.sql.pragma('synchronous = FULL');
  yield* lock(target, step, io.signal);
  try {
    checkFence(target.sql, claim);
    destination.checkEnd();
    yield { ...step, commit: true };
    destination.publish();
    saveState({ ...state, phase: 'published' });
    target.commit();
  } finally {
    target.rollback();
  }
}
