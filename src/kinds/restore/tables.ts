/**
 * RESTORE into an existing database: the snapshot is fetched into the work directory, and its rows are copied into
 * hidden tables in small batches. At the end, all of them get their names in one transaction, which holds the write
 * lock while the engine decides.
 */

import { createSizer } from '../../databases/batch-sizer.ts';
import { requireTables } from '../../databases/sqlite/acquire-fence.ts';
import { hasSequences } from '../../databases/sqlite/catalogue.ts';
import { copierOf } from '../../databases/sqlite/copy.ts';
import { readCheckpoint } from '../../databases/sqlite/fence.ts';
import { fenced } from '../../databases/sqlite/fenced.ts';
import { quote } from '../../databases/sqlite/names.ts';
import { openDatabase, type Target } from '../../databases/sqlite/open.ts';
import { type HiddenTable, hide, rename } from '../../databases/sqlite/rename.ts';
import type { Owner } from '../../jobs/kind.ts';
import { ownNameOf, type State, type Steps, stepOf } from './details.ts';
import { type Fetch, fetchSnapshot, openSource } from './fetch.ts';
import { checkNames, checkTarget, NameConflictError, type Plan, planOf } from './plan.ts';

/** The schema name of the attached snapshot. */
const SNAPSHOT = '_signalbox_picture';
const BATCH_MS = 20;
const MAX_BATCH_ROWS = 50_000;

export async function* restoreTables(fetch: Fetch, databaseFile: string): Steps {
  const { work } = fetch;
  const target = openDatabase(databaseFile, work.details.database, { lockWaitMs: 50 });
  try {
    if (readCheckpoint<State>(target.sql, work.claim)?.phase === 'published') return;
    yield stepOf(work, 0, 0, 'reading the manifest');
    const backup = await openSource(fetch);
    const plan = planOf(backup.manifest, work.details, target.sql);
    checkTarget(target.sql, work.details.database, backup.manifest, plan);
    yield* fetchSnapshot(fetch, backup);
    // Rows are copied unchanged, even if they violate a foreign key, or a CHECK that was not enforced when they were
    // written.
    target.sql.pragma('foreign_keys = OFF');
    target.sql.pragma('ignore_check_constraints = ON');
    target.sql.prepare(`ATTACH ? AS ${quote(SNAPSHOT)}`).run(fetch.file);
    const copying = { ...fetch, target, plan, hidden: hiddenOf(plan, work.claim) };
    const state = yield* copyTables(copying);
    yield* publish(copying, state);
  } finally {
    target.close();
  }
}

interface Copying extends Fetch {
  readonly target: Target;
  readonly plan: Plan;
  /** One for each table of the plan. */
  readonly hidden: readonly HiddenTable[];
}

const hiddenOf = ({ tables }: Plan, owner: Owner): readonly HiddenTable[] =>
  tables.map(({ sql, indexes }, i) =>
    hide(
      sql,
      indexes.map((index) => index.sql),
      `${ownNameOf(owner)}_${i}`,
    ),
  );

async function* copyTables(copying: Copying): Steps<State> {
  const { work, target, plan } = copying;
  let state = readCheckpoint<State>(target.sql, work.claim);
  const made = state === null ? 0 : Math.min(state.table + 1, plan.tables.length);
  requireTables(
    target,
    work.claim,
    Array.from({ length: made }, (_, i) => `${ownNameOf(work.claim)}_${i}`),
  );
  if (state === null) {
    const hadSequences = hasSequences(target.sql);
    state = yield* makeTable(copying, { phase: 'copying', table: 0, tableRows: 0, rows: 0, hadSequences });
  }
  while (state.table < plan.tables.length) {
    state = yield* copyTable(copying, state);
    state = yield* makeTable(copying, { ...state, table: state.table + 1, tableRows: 0 });
  }
  return state;
}

/** Creates the next hidden table, if there is one, and records that it exists. */
async function* makeTable(copying: Copying, state: State): Steps<State> {
  const { target, hidden } = copying;
  return yield* change(copying, state, () => {
    for (const statement of hidden[state.table]?.statements ?? []) target.sql.exec(statement);
    return state;
  });
}

async function* copyTable(copying: Copying, from: State): Steps<State> {
  const { work, io, target, plan } = copying;
  const { name = '', rows: expected = 0 } = plan.tables[from.table] ?? {};
  const into = `${ownNameOf(work.claim)}_${from.table}`;
  const copy = copierOf(target.sql, { schema: SNAPSHOT, table: name, into });
  let state = from;
  // Starts small, since rows may be large.
  const sizer = createSizer({ first: 8, most: MAX_BATCH_ROWS });
  for (let isMore = true; isMore; ) {
    io.signal.throwIfAborted();
    const rows = sizer.sizeFor(BATCH_MS);
    let startedAt = 0;
    let copied = 0;
    const before = state;
    state = yield* change(copying, before, () => {
      startedAt = performance.now();
      copied = copy(rows);
      return { ...before, tableRows: before.tableRows + copied, rows: before.rows + copied };
    });
    isMore = copied === rows;
    sizer.done(copied, performance.now() - startedAt);
    yield stepOf(work, work.details.pictureBytes, state.rows, `copying ${name}`);
  }
  if (state.tableRows === expected) return state;
  throw new Error(`table ${quote(name)} has ${state.tableRows} rows in the backup, and its manifest says ${expected}`);
}

/** Runs one transaction in the target, which also updates the state. */
const change = ({ work, io, target }: Copying, last: State, make: () => State): Steps<State> =>
  fenced(target, work.claim, stepOf(work, work.details.pictureBytes, last.rows, 'copying'), io.signal, make);

async function* publish(copying: Copying, state: State): Steps {
  const { work, io, target, plan, hidden } = copying;
  const { details, claim } = work;
  const step = stepOf(work, details.pictureBytes, state.rows, 'publishing');
  // A success that was reported must survive a power failure; the batches before it need not.
  target.sql.pragma('synchronous = FULL');
  yield* fenced(target, claim, step, io.signal, async function* (): Steps<State> {
    checkFree(target, details.database, plan);
    rename(
      target.sql,
      hidden.flatMap(({ names }) => names),
    );
    copySequences(target, plan);
    for (const { sql } of plan.others) target.sql.prepare(sql).run();
    // All changes have succeeded and none is visible yet. Nothing can be rejected after this point.
    yield { ...step, commit: true };
    return { ...state, phase: 'published' };
  });
}

const checkFree = (target: Target, database: string, plan: Plan) => {
  try {
    checkNames(target.sql, database, plan);
  } catch (error) {
    throw error instanceof NameConflictError
      ? new Error(`${error.message}: it has been created by another program`)
      : error;
  }
};

/** Copies the AUTOINCREMENT counters, which also cover deleted rows. */
const copySequences = ({ sql }: Target, { tables }: Plan) => {
  if (!hasSequences(sql, SNAPSHOT) || !hasSequences(sql)) return;
  for (const { name } of tables) {
    const seq = sql
      .prepare(`SELECT seq FROM ${quote(SNAPSHOT)}.sqlite_sequence WHERE name = ?`)
      .pluck()
      .safeIntegers()
      .get(name);
    if (seq === undefined) continue;
    sql.prepare('DELETE FROM main.sqlite_sequence WHERE name = ?').run(name);
    sql.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)').run(name, seq);
  }
};
