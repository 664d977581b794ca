import { acquireFence } from '../../databases/sqlite/acquire-fence.ts';
import { cleanUp } from '../../databases/sqlite/clean-up.ts';
import { withStoredDetails } from '../../jobs/declare.ts';
import { create } from './create.ts';
import { type Checkpoint, DETAILS, type Details, hiddenTable } from './details.ts';
import type { GivenInput } from './input.ts';
import { readRejects } from './rejects.ts';
import { revert } from './revert.ts';
import { run } from './run.ts';

/** Imports rows from one or many sources, in order: into a new table, visible when complete, or an existing one. */
export const importKind = withStoredDetails<GivenInput, Details, Checkpoint | null>(DETAILS, {
  type: 'IMPORT',
  typeName: 'IMPORT',
  pausable: true,
  cancelable: true,
  create,
  acquireFence,
  run,
  revert,
  queries: { rejects: readRejects },
  cleanUp: (work, environment, when) => cleanUp(work, environment, hiddenTable(work.claim), when),
});
