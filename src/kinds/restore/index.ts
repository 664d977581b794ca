import { withStoredDetails } from '../../jobs/declare.ts';
import { create } from './create.ts';
import { DETAILS, type Details, type RestoreProgress } from './details.ts';
import { INPUT, type RestoreInput, redactRestore } from './input.ts';
import { acquireFence, cleanUp, revert, run } from './run.ts';

/** Restores all or some tables of a backup into a new or an existing database; all of them appear at once. */
export const restoreKind = withStoredDetails<RestoreInput, Details, RestoreProgress | null>(DETAILS, {
  type: 'RESTORE',
  typeName: 'RESTORE',
  input: INPUT,
  pausable: true,
  cancelable: true,
  laterDefaults: { verifyOnly: false },
  redact: redactRestore,
  create,
  acquireFence,
  run,
  revert,
  cleanUp,
});
