import { acquireWorkDirectoryFence, removeWorkDirectory } from '../../databases/work-directory.ts';
import { withStoredDetails } from '../../jobs/declare.ts';
import { create } from './create.ts';
import { describeBackup } from './describe.ts';
import { type BackupProgress, DETAILS, type Details } from './details.ts';
import { type BackupInput, INPUT, redactBackup } from './input.ts';
import { listBackups } from './list.ts';
import { revert, run } from './run.ts';

/** Stores a snapshot of a database, or of some of its tables, at a storage URL without blocking writers. */
export const backupKind = withStoredDetails<BackupInput, Details, BackupProgress | null>(DETAILS, {
  type: 'BACKUP',
  typeName: 'BACKUP',
  input: INPUT,
  pausable: true,
  cancelable: true,
  laterDefaults: { integrityCheck: false },
  redact: redactBackup,
  create,
  acquireFence: acquireWorkDirectoryFence,
  run,
  revert,
  queries: { describe: describeBackup, list: listBackups },
  cleanUp: ({ claim }, environment) => removeWorkDirectory(environment, claim),
});
