import type { Kind } from '../../jobs/kind.ts';
import { create, type GivenInput } from './create.ts';
import type { Checkpoint, Details } from './details.ts';
import { acquireFence, cleanUp, revert, run } from './run.ts';

/** All or some tables of a backup, into a database that is made or is there; they appear all at once. */
export const restoreKind: Kind<GivenInput, Details, Checkpoint | null> = {
  type: 'RESTORE',
  typeName: 'RESTORE',
  pausable: true,
  cancelable: true,
  create,
  acquireFence,
  run,
  revert,
  cleanUp,
};
