import { createLog, watchTable } from '../../databases/sqlite/feed/log.ts';
import { feedNames } from '../../databases/sqlite/feed/names.ts';
import { logSize } from '../../databases/sqlite/feed/triggers.ts';
import { checkFence, hasFence, insertFence, readState, stateWriter } from '../../databases/sqlite/fence.ts';
import { lock } from '../../databases/sqlite/lock.ts';
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

/** Where the feed stands; when it is new, its log and its triggers are made first, all in one transaction. */
export async function* begin(
  work: Work<Details, Checkpoint | null>,
  { environment, signal }: Io,
  target: Target,
): Steps<State> {
  const { details, claim } = work;
  const { sql } = target;
  const names = feedNames(claim.jobId);
  const known = readState<State>(sql, claim);
  if (known?.phase === 'done') return known;
  // How much there is to scan is not known yet.
  const { fractionCompleted: _, ...waiting } = stepOf(details, known ?? NEW, 'beginning');
  yield* lock(target, waiting, signal, Number.POSITIVE_INFINITY);
  try {
    if (known !== null) {
      checkFence(sql, claim);
      // The setting may be another by now. What has passed the old one stays as it is: something is lost already.
      sql
        .prepare(`UPDATE ${quote(names.meter)} SET "full" = gone + ? WHERE ${logSize(names)} < "full"`)
        .run(environment.maxFeedBytes);
      target.commit();
      return known;
    }
    // There was no file to enter it in, or one that cannot be written to: that is said here.
    if (!hasFence(sql, claim)) insertFence(sql, claim);
    checkFence(sql, claim);
    createLog(sql, claim.jobId, environment.maxFeedBytes);
    const shapes = details.tables.map((table, place) =>
      watchTable(sql, { jobId: claim.jobId, place, diff: details.diff }, table),
    );
    const copy = shapes.map(({ place, table }) => ({
      what: 'table' as const,
      place,
      part: 'keyed' as const,
      after: null,
      rows: details.initialScan === 'ONLY' ? roughCount(sql, table) : 0,
    }));
    const state: State = details.initialScan === 'NO' ? { ...NEW, phase: 'follow' } : { ...NEW, copy };
    stateWriter<State>(sql, claim)(state);
    target.commit();
    return state;
  } finally {
    target.rollback();
  }
}
