import { acquireFence } from '../../databases/sqlite/acquire-fence.ts';
import { cleanUp } from '../../databases/sqlite/clean-up.ts';
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import { withStoredDetails } from '../../jobs/declare.ts';
import { create } from './create.ts';
import { type Checkpoint, DETAILS, type Details } from './details.ts';
import type { GivenInput } from './input.ts';
import { readFeed, takeFeed } from './read.ts';
import { revert } from './revert.ts';
import { run } from './run.ts';

/** Emits every change of some tables, by any writer, in commit order: to a webhook, to files, or to a subscription. */
export const changefeedKind = withStoredDetails<GivenInput, Details, Checkpoint | null>(DETAILS, {
  type: 'CHANGEFEED',
  typeName: 'CHANGEFEED',
  pausable: true,
  cancelable: true,
  continuous: true,
  create,
  acquireFence,
  run,
  revert,
  queries: { read: readFeed, take: takeFeed },
  cleanUp: (work, environment, when) => cleanUp(work, environment, feedNames(work.claim).log, when),
});
