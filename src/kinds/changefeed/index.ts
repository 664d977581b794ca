import { acquireFence } from '../../databases/sqlite/acquire-fence.ts';
import { cleanUp } from '../../databases/sqlite/clean-up.ts';
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import type { Kind } from '../../jobs/kind.ts';
import { create } from './create.ts';
import type { Checkpoint, Details } from './details.ts';
import type { GivenInput } from './input.ts';
import { revert } from './revert.ts';
import { run } from './run.ts';

/** Every change of some tables, whoever made it, in the order of commit: to a webhook, to files, or to a subscription. */
export const changefeedKind: Kind<GivenInput, Details, Checkpoint | null> = {
  type: 'CHANGEFEED',
  typeName: 'CHANGEFEED',
  pausable: true,
  cancelable: true,
  continuous: true,
  create,
  acquireFence,
  run,
  revert,
  cleanUp: (work, environment) => cleanUp(work, environment, feedNames(work.claim.jobId).log),
};
