import { checkEpoch } from '../../databases/fence.ts';
import { quote } from '../../databases/names.ts';
import type { Step } from '../../jobs/kind.ts';
import { type Checkpoint, type State, stepOf } from './details.ts';
import type { Job } from './job.ts';
import { lock } from './lock.ts';
import { show } from './show.ts';
import { whatTakes } from './taken.ts';

/**
 * Gives the table its name. The write lock of the target is held while the engine decides: once it has marked the job
 * as committing, nobody can take the name any more.
 */
export async function* publish(job: Job, state: State): AsyncGenerator<Step<Checkpoint>, void, void> {
  const { target, io, hidden, saveState } = job;
  const { details, claim } = job.work;
  const step = stepOf(details, state, 'publishing');
  // What is reported as succeeded has to outlive a power cut; batches before it need not.
  target.sql.pragma('synchronous = FULL');
  yield* lock(target, step, io.signal);
  try {
    checkEpoch(target.sql, claim);
    const taken = whatTakes(target.sql, details.table);
    if (taken !== null) throw new Error(`${taken} named ${show(details.table)} was made meanwhile by somebody else`);
    yield { ...step, commit: true };
    target.sql.exec(`ALTER TABLE ${quote(hidden)} RENAME TO ${quote(details.table)}`);
    saveState({ ...state, phase: 'published' });
    target.commit();
  } finally {
    target.rollback();
  }
}
