import { acquireFence } from '../../databases/sqlite/acquire-fence.ts';
import { cleanUp } from '../../databases/sqlite/clean-up.ts';
import { withStoredDetails } from '../../jobs/declare.ts';
import { revert } from './clean.ts';
import { create } from './create.ts';
import { type Checkpoint, DETAILS, type Details, ownNameOf } from './details.ts';
import type { GivenInput } from './input.ts';
import { run } from './run.ts';

/** Changes columns and indexes of tables in use, while writers continue. */
export const schemaChangeKind = withStoredDetails<GivenInput, Details, Checkpoint | null>(DETAILS, {
  type: 'SCHEMA_CHANGE',
  typeName: 'SCHEMA_CHANGE',
  pausable: false,
  cancelable: true,
  create,
  acquireFence,
  run,
  revert,
  cleanUp: (work, environment, when) => cleanUp(work, environment, ownNameOf(work.claim), when),
});
