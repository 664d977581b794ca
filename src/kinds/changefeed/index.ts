import { portOf } from '../../databases/port-of.ts';
import { withStoredDetails } from '../../jobs/declare.ts';
import type { DatabasePlace } from '../../jobs/kind.ts';
import { create } from './create.ts';
import { DETAILS, type Details, type FeedProgress } from './details.ts';
import { type ChangefeedInput, INPUT } from './input.ts';
import type { FeedCursor } from './message.ts';
import { PORTS } from './ports.ts';
import { revert, run } from './run.ts';

/** Emits every change of some tables, by any writer, in commit order: to a webhook, to files, or to a subscription. */
export const changefeedKind = withStoredDetails<ChangefeedInput, Details, FeedProgress | null>(DETAILS, {
  type: 'CHANGEFEED',
  typeName: 'CHANGEFEED',
  input: INPUT,
  pausable: true,
  cancelable: true,
  continuous: true,
  laterDefaults: { backfill: false, onTableReplaced: 'FAIL', operations: false, source: 'AUTO' },
  create,
  acquireFence: (work, io, task) => portOf(PORTS, io.environment).acquireFence(work, io, task),
  run,
  revert,
  queries: {
    read: (place: DatabasePlace, database: string, jobId: string, after: FeedCursor | null) =>
      portOf(PORTS, { database: place }).read(place, database, jobId, after),
    acknowledge: (place: DatabasePlace, database: string, jobId: string, upTo: FeedCursor) =>
      portOf(PORTS, { database: place }).acknowledgeRead(place, database, jobId, upTo),
  },
  cleanUp: (work, environment, when) => portOf(PORTS, environment).cleanUp(work, environment, when),
});
