import { acquireWorkDirFence, removeWorkDir } from '../../databases/sqlite/work-directory.ts';
import { withStoredDetails } from '../../jobs/declare.ts';
import { create } from './create.ts';
import { describeBackup } from './describe.ts';
import { type Checkpoint, DETAILS, type Details } from './details.ts';
import type { GivenInput } from './input.ts';
import { revert, run } from './run.ts';

/** Stores a snapshot of a database, or of some of its tables, at a storage URL without blocking writers. */
export const backupKind = withStoredDetails<GivenInput, Details, Checkpoint | null>(DETAILS, {
  type: 'BACKUP',
  typeName: 'BACKUP',
  pausable: true,
  cancelable: true,
  create,
  acquireFence: acquireWorkDirFence,
  run,
  revert,
  queries: { describe: describeBackup },
  cleanUp: ({ claim }, environment) => removeWorkDir(environment, claim.jobId),
});
