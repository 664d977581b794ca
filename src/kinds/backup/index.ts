import { enterScratch, removeScratch } from '../../databases/sqlite/work-directory.ts';
import type { Kind } from '../../jobs/kind.ts';
import { create, type GivenInput } from './create.ts';
import type { Checkpoint, Details } from './details.ts';
import { revert, run } from './run.ts';

/** A picture of a database, or of some of its tables, at one moment, to a storage URL, while writers go on. */
export const backupKind: Kind<GivenInput, Details, Checkpoint | null> = {
  type: 'BACKUP',
  typeName: 'BACKUP',
  pausable: true,
  cancelable: true,
  create,
  enter: ({ claim }, { places, signal }) => enterScratch(places, claim, signal),
  run,
  revert,
  forget: ({ claim }, places) => removeScratch(places, claim.jobId),
};
