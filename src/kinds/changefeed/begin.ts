import { requireTables } from '../../databases/sqlite/acquire-fence.ts';
import { createLog, watchTable } from '../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import { logSize } from '../../databases/sqlite/feed/triggers.ts';
import { readCheckpoint } from '../../databases/sqlite/fence.ts';
import { fenced } from '../../databases/sqlite/fenced.ts';
import { quote } from '../../databases/sqlite/names.ts';
import type { Target } from '../../databases/sqlite/open.ts';
import type { Io, Work } from '../../jobs/kind.ts';
import { roughCount } from './copy.ts';
import { type Checkpoint, type Details, type State, stepOf } from './details.ts';
import type { Steps } from './feed.ts';

const NEW: State = {
  phase: 'scan',
  acked: 1,
  messages: 0,
  copy: [],
  scanEnd: 1,
  scanned: 0,
  highWater: null,
};

/** Reads the position of the feed. For a new feed, first creates its log and triggers, all in one transaction. */
export async function* begin(
  work: Work<Details, Checkpoint | null>,
  { environment, signal }: Io,
  target: Target,
): Steps<State> {
  const { details, claim } = work;
  const { sql } = target;
  const names = feedNames(claim);
  const known = readCheckpoint<State>(sql, claim);
  if (known?.phase === 'done') return known;
  if (known !== null) requireTables(target, claim, Object.values(names));
  // The number of rows to scan is not known yet.
  const { fractionCompleted: _, ...waiting } = stepOf(details, known ?? NEW, 'beginning');
  const begun = () => {
    createLog(sql, claim, environment.maxFeedBytes);
    const shapes = details.tables.map((table, place) =>
      watchTable(sql, { owner: claim, place, diff: details.diff }, table),
    );
    const copy = shapes.map(({ place, table }) => ({
      what: 'table' as const,
      place,
      part: 'keyed' as const,
      after: null,
      rows: details.initialScan === 'ONLY' ? roughCount(sql, table) : 0,
    }));
    return details.initialScan === 'NO' ? { ...NEW, phase: 'follow' as const } : { ...NEW, copy };
  };
  const resumed = (state: State) => {
    // The limit may have changed since. A log that exceeded the old limit keeps it, because changes are already lost.
    sql
      .prepare(`UPDATE ${quote(names.meter)} SET "full" = gone + ? WHERE ${logSize(names)} < "full"`)
      .run(environment.maxFeedBytes);
    return state;
  };
  const make = (): State => (known === null ? begun() : resumed(known));
  return yield* fenced(target, claim, waiting, signal, make, Number.POSITIVE_INFINITY);
}
