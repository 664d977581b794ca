/**
 * RESTORE into an existing database: the snapshot is fetched into the work directory, and its rows are copied into
 * hidden tables in small batches. At the end, all of them get their names in one transaction, which holds the write
 * lock while the engine decides.
 */
import path from 'node:path';
import { quote } from '../../../databases/quote.ts';
import { requireTables } from '../../../databases/sqlite/acquire-fence.ts';
import { hasSequences } from '../../../databases/sqlite/catalogue.ts';
import { type Copy, copierOf } from '../../../databases/sqlite/copy.ts';
import { readCheckpoint } from '../../../databases/sqlite/fence.ts';
import { fenced } from '../../../databases/sqlite/fenced.ts';
import { createLockFairness, type LockFairness } from '../../../databases/sqlite/lock-fairness.ts';
import { openDatabase, type Target } from '../../../databases/sqlite/open.ts';
import { type HiddenTable, hide, rename } from '../../../databases/sqlite/rename.ts';
import type { Owner } from '../../../jobs/kind.ts';
import { type Steps, stepOf } from '../details.ts';
import { type LoadedBatch, NameConflictError, type RestoreContext, type RestoreTarget } from '../port.ts';
import { carryOver } from './carry-over.ts';
import { ownNameOf, type RestoreCheckpoint } from './checkpoint.ts';
import { checkNames, checkTarget, NO_PLAN, type Plan, planOf } from './plan.ts';
import { verifySnapshot } from './verify.ts';

/** The schema name of the attached snapshot. */
const SNAPSHOT = '_signalbox_snapshot';

/** The file of the snapshot. Its name predates the term snapshot: jobs of version 0.1.0 may have fetched it. */
const FILE = 'picture.db';

export const openExisting = (context: RestoreContext, databaseFile: string): RestoreTarget => {
  const { work, directory } = context;
  const { database } = work.details;
  const snapshotFile = path.join(directory.folder, FILE);
  const target = openDatabase(databaseFile, database, { lockWaitMs: 50 });
  const saved = () => readCheckpoint<RestoreCheckpoint>(target.sql, work.claim);
  let plan = NO_PLAN;
  let loading: Loading | null = null;
  return {
    snapshotFile,
    isPublished: () => saved()?.phase === 'published',
    plan: ({ manifest }) => {
      plan = planOf(manifest, work.details, target.sql, context.io.environment.restoresTriggers);
      checkTarget(target.sql, database, manifest, plan);
      return plan.warnings;
    },
    verify: (backup) => verifySnapshot(snapshotFile, backup),
    load: async function* (rows) {
      loading ??= yield* beginLoading(context, target, plan, snapshotFile);
      return loading.checkpoint.table < plan.tables.length ? yield* loadBatch(loading, rows) : null;
    },
    publish: async function* () {
      if (loading !== null) yield* publish(loading);
    },
    close: target.close,
  };
};

interface Loading extends RestoreContext {
  readonly target: Target;
  readonly plan: Plan;
  /** One for each table of the plan. */
  readonly hidden: readonly HiddenTable[];
  checkpoint: RestoreCheckpoint;
  /** Gives other writers the lock between two batches. */
  readonly fairness: LockFairness;
  /** Copies rows of the current table; null until the first batch of the table. */
  copy: Copy | null;
}

/** Prepares the connection, and creates the first hidden table unless an earlier claim has. */
async function* beginLoading(
  context: RestoreContext,
  target: Target,
  plan: Plan,
  snapshotFile: string,
): Steps<Loading> {
  const { claim } = context.work;
  // Rows are copied unchanged, even if they violate a foreign key, or a CHECK that was not enforced when they were
  // written.
  target.sql.pragma('foreign_keys = OFF');
  target.sql.pragma('ignore_check_constraints = ON');
  target.sql.prepare(`ATTACH ? AS ${quote(SNAPSHOT)}`).run(snapshotFile);
  const saved = readCheckpoint<RestoreCheckpoint>(target.sql, claim);
  const created = saved === null ? 0 : Math.min(saved.table + 1, plan.tables.length);
  requireTables(
    target,
    claim,
    Array.from({ length: created }, (_, i) => hiddenName(claim, i)),
  );
  const hadSequences = hasSequences(target.sql);
  const checkpoint = saved ?? { phase: 'copying', table: 0, tableRows: 0, rows: plan.virtualRows, hadSequences };
  const fairness = createLockFairness(target.sql);
  const loading = { ...context, target, plan, hidden: hiddenOf(plan, claim), checkpoint, fairness, copy: null };
  if (saved === null) yield* createTable(loading, checkpoint);
  return loading;
}

const hiddenName = (owner: Owner, table: number): string => `${ownNameOf(owner)}_${table}`;

const hiddenOf = ({ tables }: Plan, owner: Owner): readonly HiddenTable[] =>
  tables.map(({ sql, indexes }, i) =>
    hide(
      sql,
      indexes.map((index) => index.sql),
      hiddenName(owner, i),
    ),
  );

/** Creates the hidden table of a checkpoint, if there is one, and records that it exists. */
async function* createTable(loading: Loading, checkpoint: RestoreCheckpoint): Steps {
  const { target, hidden } = loading;
  yield* change(loading, () => {
    for (const statement of hidden[checkpoint.table]?.statements ?? []) target.sql.exec(statement);
    return checkpoint;
  });
  loading.copy = null;
}

async function* loadBatch(loading: Loading, rows: number): Steps<LoadedBatch> {
  const { work, target, plan } = loading;
  const before = loading.checkpoint;
  const { from: name = '', rows: expected = null, isShadow = false } = plan.tables[before.table] ?? {};
  const into = hiddenName(work.claim, before.table);
  const copy = loading.copy ?? copierOf(target.sql, { schema: SNAPSHOT, table: name, into });
  loading.copy = copy;
  let startedAt = 0;
  let copied = 0;
  yield* change(loading, () => {
    startedAt = performance.now();
    copied = copy(rows);
    return { ...before, tableRows: before.tableRows + copied, rows: before.rows + (isShadow ? 0 : copied) };
  });
  const lockedMs = performance.now() - startedAt;
  const isTableDone = copied < rows;
  const { checkpoint } = loading;
  if (isTableDone) {
    if (expected !== null && checkpoint.tableRows !== expected) {
      throw new Error(
        `table ${quote(name)} has ${checkpoint.tableRows} rows in the backup, but ${expected} in its manifest`,
      );
    }
    yield* createTable(loading, { ...checkpoint, table: checkpoint.table + 1, tableRows: 0 });
  }
  return { table: name, rows: copied, lockedMs, rowsInTotal: checkpoint.rows, isTableDone };
}

/** Runs one transaction in the target, which also saves the checkpoint. */
async function* change(loading: Loading, make: () => RestoreCheckpoint): Steps {
  const { work, io, target, fairness } = loading;
  const step = stepOf(work, work.details.snapshotBytes, loading.checkpoint.rows, 'copying');
  await fairness.wait(io.signal);
  let startedAt = 0;
  loading.checkpoint = yield* fenced(target, work.claim, step, io.signal, () => {
    startedAt = performance.now();
    return make();
  });
  fairness.released(performance.now() - startedAt);
}

async function* publish({ work, io, target, plan, hidden, checkpoint }: Loading): Steps {
  const { details, claim } = work;
  const step = stepOf(work, details.snapshotBytes, checkpoint.rows, 'publishing');
  // A success that was reported must survive a power failure; the batches before it need not.
  target.sql.pragma('synchronous = FULL');
  yield* fenced(target, claim, step, io.signal, async function* (): Steps<RestoreCheckpoint> {
    requireNames(target, details.database, plan);
    rename(
      target.sql,
      hidden.flatMap(({ names }) => names),
      plan.virtual,
    );
    copySequences(target, plan);
    carryOver(target.sql, SNAPSHOT, plan);
    for (const { sql } of plan.others) target.sql.prepare(sql).run();
    // All changes have succeeded and none is visible yet. Nothing can be rejected after this point.
    yield { ...step, commit: true };
    return { ...checkpoint, phase: 'published' };
  });
}

const requireNames = (target: Target, database: string, plan: Plan) => {
  try {
    checkNames(target.sql, database, plan);
  } catch (error) {
    if (!(error instanceof NameConflictError)) throw error;
    throw new Error(`${error.message}: another program has created it`);
  }
};

/** Copies the AUTOINCREMENT counters, which also cover deleted rows. */
const copySequences = ({ sql }: Target, { tables }: Plan) => {
  if (!hasSequences(sql, SNAPSHOT) || !hasSequences(sql)) return;
  for (const { from, name } of tables) {
    const seq = sql
      .prepare(`SELECT seq FROM ${quote(SNAPSHOT)}.sqlite_sequence WHERE name = ?`)
      .pluck()
      .safeIntegers()
      .get(from);
    if (seq === undefined) continue;
    sql.prepare('DELETE FROM main.sqlite_sequence WHERE name = ?').run(name);
    sql.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)').run(name, seq);
  }
};
