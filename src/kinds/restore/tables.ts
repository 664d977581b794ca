/**
 * RESTORE into a database that is there: the snapshot is put together in the job's folder, and its rows are copied into
 * hidden tables, a few at a time. In the end all of them take their names in one transaction, which holds the write
 * lock while the engine decides.
 */

import { hasSequences } from '../../databases/sqlite/catalogue.ts';
import { copierOf } from '../../databases/sqlite/copy.ts';
import { checkFence, hasFence, insertFence, readState, stateWriter } from '../../databases/sqlite/fence.ts';
import { lock } from '../../databases/sqlite/lock.ts';
import { quote } from '../../databases/sqlite/names.ts';
import { openDatabase, type Target } from '../../databases/sqlite/open.ts';
import { type HiddenTable, hide, rename } from '../../databases/sqlite/rename.ts';
import { ownName, type State, type Steps, stepOf } from './details.ts';
import { type Fetch, fetchSnapshot, openSource } from './fetch.ts';
import { checkNames, checkTarget, NameConflictError, type Plan, planOf } from './plan.ts';

/** The snapshot, attached. */
const SNAPSHOT = '_signalbox_picture';
const BATCH_MS = 20;
const MAX_BATCH_ROWS = 50_000;

export async function* restoreTables(fetch: Fetch, databaseFile: string): Steps {
  const { work } = fetch;
  const target = openDatabase(databaseFile, work.details.database, { lockWaitMs: 50 });
  try {
    if (readState<State>(target.sql, work.claim)?.phase === 'published') return;
    yield stepOf(work, 0, 0, 'reading the manifest');
    const backup = await openSource(fetch);
    const plan = planOf(backup.manifest, work.details, target.sql);
    checkTarget(target.sql, work.details.database, backup.manifest, plan);
    yield* fetchSnapshot(fetch, backup);
    // Rows are as the snapshot has them, whatever they refer to, and whoever made them without looking at a CHECK.
    target.sql.pragma('foreign_keys = OFF');
    target.sql.pragma('ignore_check_constraints = ON');
    target.sql.prepare(`ATTACH ? AS ${quote(SNAPSHOT)}`).run(fetch.file);
    const copying = { ...fetch, target, plan, hidden: hiddenOf(plan, work.claim.jobId) };
    const state = yield* copyTables(copying);
    yield* publish(copying, state);
  } finally {
    target.close();
  }
}

interface Copying extends Fetch {
  readonly target: Target;
  readonly plan: Plan;
  /** For each table of the plan. */
  readonly hidden: readonly HiddenTable[];
}

const hiddenOf = ({ tables }: Plan, jobId: string): readonly HiddenTable[] =>
  tables.map(({ sql, indexes }, i) =>
    hide(
      sql,
      indexes.map((index) => index.sql),
      `${ownName(jobId)}_${i}`,
    ),
  );

async function* copyTables(copying: Copying): Steps<State> {
  const { work, target, plan } = copying;
  let state = readState<State>(target.sql, work.claim);
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

/** Makes the hidden table that is next, if there is one, and says that it is there. */
async function* makeTable(copying: Copying, state: State): Steps<State> {
  const { work, target, hidden } = copying;
  yield* change(copying, state, () => {
    // There was no file to enter it in, or one that cannot be written to: that is said here.
    if (!hasFence(target.sql, work.claim)) insertFence(target.sql, work.claim);
    checkFence(target.sql, work.claim);
    for (const statement of hidden[state.table]?.statements ?? []) target.sql.exec(statement);
    return state;
  });
  return state;
}

async function* copyTable(copying: Copying, from: State): Steps<State> {
  const { work, io, target, plan } = copying;
  const { name = '', rows: expected = 0 } = plan.tables[from.table] ?? {};
  const into = `${ownName(work.claim.jobId)}_${from.table}`;
  const copy = copierOf(target.sql, { schema: SNAPSHOT, table: name, into });
  let state = from;
  // They may be large.
  let rows = 8;
  for (let isMore = true; isMore; ) {
    io.signal.throwIfAborted();
    const startedAt = performance.now();
    let copied = 0;
    state = yield* change(copying, state, () => {
      checkFence(target.sql, work.claim);
      copied = copy(rows);
      return { ...state, tableRows: state.tableRows + copied, rows: state.rows + copied };
    });
    isMore = copied === rows;
    const faster = Math.min(2, BATCH_MS / (performance.now() - startedAt));
    rows = Math.max(1, Math.min(MAX_BATCH_ROWS, Math.round(rows * faster)));
    yield stepOf(work, work.details.pictureBytes, state.rows, `copying ${name}`);
  }
  if (state.tableRows === expected) return state;
  throw new Error(`table ${quote(name)} has ${state.tableRows} rows in the backup, and its manifest says ${expected}`);
}

/** One transaction in the target that also moves the state. */
async function* change(copying: Copying, last: State, make: () => State): Steps<State> {
  const { work, io, target } = copying;
  yield* lock(target, stepOf(work, work.details.pictureBytes, last.rows, 'copying'), io.signal);
  try {
    const state = make();
    stateWriter<State>(target.sql, work.claim)(state);
    target.commit();
    return state;
  } finally {
    target.rollback();
  }
}

async function* publish(copying: Copying, state: State): Steps {
  const { work, io, target, plan, hidden } = copying;
  const { details, claim } = work;
  const step = stepOf(work, details.pictureBytes, state.rows, 'publishing');
  // What is reported as succeeded has to outlive a power cut; batches before it need not.
  target.sql.pragma('synchronous = FULL');
  yield* lock(target, step, io.signal);
  try {
    checkFence(target.sql, claim);
    checkFree(target, details.database, plan);
    rename(
      target.sql,
      hidden.flatMap(({ names }) => names),
    );
    copySequences(target, plan);
    for (const { sql } of plan.others) target.sql.prepare(sql).run();
    stateWriter<State>(target.sql, claim)({ ...state, phase: 'published' });
    // All of it has worked, and nobody sees it: whatever could be refused was refused by now.
    yield { ...step, commit: true };
    target.commit();
  } finally {
    target.rollback();
  }
}

const checkFree = (target: Target, database: string, plan: Plan) => {
  try {
    checkNames(target.sql, database, plan);
  } catch (error) {
    throw error instanceof NameConflictError
      ? new Error(`${error.message}: it was made meanwhile by somebody else`)
      : error;
  }
};

/** Of AUTOINCREMENT: the numbers that were given, rows that are gone included. */
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
