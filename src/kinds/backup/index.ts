import { acquireWorkDirFence, removeWorkDir } from '../../databases/sqlite/work-directory.ts';
import type { Kind } from '../../jobs/kind.ts';
import { create, type GivenInput } from './create.ts';
import type { Checkpoint, Details } from './details.ts';
import { revert, run } from './run.ts';

/** A snapshot of a database, or of some of its tables, at one moment, to a storage URL, while writers go on. */
export const backupKind: Kind<GivenInput, Details, Checkpoint | null> = {
  type: 'BACKUP',
  typeName: 'BACKUP',
  pausable: true,
  cancelable: true,
  create,
  acquireFence: ({ claim }, { environment, signal }) => acquireWorkDirFence(environment, claim, signal),
  run,
  revert,
  cleanUp: ({ claim }, environment) => removeWorkDir(environment, claim.jobId),
};
