import { fenced } from '../../databases/sqlite/fenced.ts';
import type { Step } from '../../jobs/kind.ts';
import { type Checkpoint, type State, stepOf } from './details.ts';
import type { Job } from './job.ts';

/**
 * Makes the import final. The write lock of the target is held while the engine decides: once the engine has marked the
 * job as committing, no other writer can interfere.
 */
export async function* publish(job: Job, state: State): AsyncGenerator<Step<Checkpoint>, void, void> {
  const { target, io, destination } = job;
  const { details, claim } = job.work;
  const step = stepOf(details, state, 'publishing');
  // A success that was reported must survive a power failure; the batches before it need not.
  target.sql.pragma('synchronous = FULL');
  yield* fenced(target, claim, step, io.signal, async function* (): AsyncGenerator<Step<Checkpoint>, State, void> {
    destination.checkEnd();
    yield { ...step, commit: true };
    destination.publish();
    return { ...state, phase: 'published' };
  });
}
