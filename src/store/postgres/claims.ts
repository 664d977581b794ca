/**
 * Which session works on which job. A claim is a session and an epoch. A claim whose session has ended is dead, and its
 * job is held over by a new claim under the next epoch. If nothing was ever saved under the dead claim, the job first
 * waits, longer each time, so that a job that kills its process does not keep the servers down. A job whose type no
 * live session knows waits for one that does, and spends no attempt.
 */
import type { Instant, JobId } from '../../jobs/job.ts';
import type { Retry } from '../../jobs/retry.ts';
import type { JobStatus } from '../../jobs/status.ts';
import {
  type ClaimedRow,
  limitsWithout,
  NO_CLAIMS,
  type OwnJob,
  readClaimed,
  readOwnJob,
  requestedOf,
} from '../claimed.ts';
import { claimChanges, lostChanges } from '../effects.ts';
import { WAITING } from '../rows.ts';
import { join, type Sql, sql } from '../sql.ts';
import type { ClaimAnswer, Claimed, ClaimLimits } from '../store.ts';
import type { Job, Stored, WorkerSession } from '../stored.ts';
import { keepErrors, nextAttemptAt } from './attempts.ts';
import type { Connection } from './connection.ts';
import { idsOf, POSTGRES } from './dialect.ts';
import { blockedAt, RESOURCE_LOCKS } from './holds.ts';
import { apply, type ChosenRow, chooseFew, chosenOf } from './moves.ts';
import { COUNTED_KEY, hasPlace, readPlaces } from './places.ts';
import { KNOWN_TYPE } from './sessions.ts';
import { OWNER } from './users.ts';

const DEAD = sql`(j.claimed_by IS NOT NULL AND NOT EXISTS
  (SELECT 1 FROM worker_session live WHERE live.id = j.claimed_by AND live.ended_at IS NULL))`;
const FREE = sql`(j.claimed_by IS NULL OR ${DEAD})`;

type Session = Pick<WorkerSession, 'id' | 'name' | 'draining'> & { readonly node: string | null };

/** A session that has been declared dead gets no jobs: its claims would be held over immediately. */
export const claim = async (
  db: Connection,
  sessionId: string,
  limits: ClaimLimits,
  retry: Retry,
  now: Instant,
): Promise<ClaimAnswer> => {
  const [session] = await db.rows<Session>(
    sql`SELECT id, name, node, draining FROM worker_session WHERE id = ${sessionId} AND ended_at IS NULL`,
  );
  if (session === undefined) return NO_CLAIMS;
  await rescueLost(db, retry, now);
  const { draining } = session;
  const unheldOf = (jobs: readonly OwnJob[]) => jobs.filter(({ id }) => !limits.holding.includes(id));
  let own = await ownJobs(db, sessionId);
  let isContended = false;
  const found: JobId[] = [];
  for (let isCut = !draining; isCut; ) {
    const more = await claimable(db, limitsWithout(limits, unheldOf(own)), session.node, now);
    if (more.ids.length > 0) await take(db, session, more.ids, now);
    found.push(...more.ids);
    isContended ||= more.isContended;
    isCut = more.isCut && more.ids.length > 0;
    if (isCut) own = await ownJobs(db, sessionId);
  }
  const ids = [...new Set([...unheldOf(own).map(({ id }) => id), ...found])];
  const claimed = await readClaims(db, sessionId, ids);
  const requested = requestedOf(own, claimed, draining);
  const next = await nextAttemptInMs(db, now);
  const soon = isContended ? Math.min(next ?? CONTENDED_MS, CONTENDED_MS) : next;
  return { claimed, requested, draining, nextAttemptInMs: soon };
};

const ownJobs = async (db: Connection, sessionId: string): Promise<readonly OwnJob[]> =>
  (
    await db.rows<Pick<Stored<Job>, 'id' | 'status' | 'continuous'>>(
      sql`SELECT id, status, continuous FROM job WHERE claimed_by = ${sessionId} ORDER BY id`,
    )
  ).map(readOwnJob);

/** Jobs that were left out because another transaction had locked them are looked at again soon. */
const CONTENDED_MS = 50;

const rescueLost = async (db: Connection, retry: Retry, now: Instant) => {
  if ((await db.rows(sql`SELECT 1 FROM job j WHERE ${DEAD} LIMIT 1`)).length === 0) return;
  await spendAttempts(db, retry, now);
  await leaveUnknown(db, now);
};

const LOST = 'the worker was lost';
const RECOVERY = { kind: 'SYSTEM', name: 'recovery' } as const;

/** Dead claims under which nothing was saved: each spends an attempt, and after the last the job fails for good. */
const spendAttempts = async (db: Connection, retry: Retry, now: Instant) => {
  const lost = sql`job j WHERE ${DEAD} AND NOT j.saved_in_claim AND j.status IN ('RUNNING', 'REVERTING') AND ${KNOWN_TYPE}`;
  const last = sql`j.attempts + 1 >= ${retry.attempts}::int AND j.status = 'RUNNING' AND NOT j.committing`;
  const chosen = await chooseFew(db, 'lost', lost, { before: sql`WHEN ${last} THEN 'REVERTING'`, skips: true });
  if (chosen.count === 0) return;
  await keepErrors(db, chosen, LOST, now);
  const set = lostChanges({ lost: LOST, attempts: retry.attempts }, nextAttemptAt(retry, now), POSTGRES);
  await apply(db, chosen, { actor: RECOVERY, error: LOST, set }, now);
};

/** Jobs of a type that no live session knows stop running; they wait, and no attempt is spent. */
const leaveUnknown = async (db: Connection, now: Instant) => {
  const lost = sql`job j WHERE ${DEAD} AND j.status = 'RUNNING' AND NOT ${KNOWN_TYPE}`;
  const chosen = await chooseFew(db, 'lost', lost, { skips: true });
  const effects = {
    actor: RECOVERY,
    reason: 'no server knows its type',
    set: [
      ['claimedBy', sql`NULL`],
      ['statusMessage', sql`${WAITING}`],
    ],
  } as const;
  await apply(db, chosen, effects, now);
};

/** Continuous jobs take no slot; at most this many are started at once. */
const CONTINUOUS_SLOTS = 64;

/**
 * Reverting jobs first, since they never wait for a slot; then jobs that have started; then by priority, oldest first.
 */
const claimable = async (
  db: Connection,
  limits: ClaimLimits,
  node: string | null,
  now: Instant,
): Promise<Claimable> => {
  const isHere = sql`(j.node IS NULL OR j.node = ${node}::text)`;
  const { places, isBusy } = await readPlaces(db, limits);
  const running = (continuous: Sql, slots: number) => ({
    slots,
    ranks: [
      [sql`j.status = 'RUNNING' AND ${FREE} AND ${continuous}`],
      due('PENDING', sql`${continuous} AND NOT j.awaits_resume AND NOT ${blockedAt(now)}${hasPlace(places)}`, now),
    ],
  });
  const groups = [
    {
      slots: limits.reverting,
      ranks: [[sql`j.status = 'CANCEL_REQUESTED' AND ${FREE}`], due('REVERTING', FREE, now)],
    },
    { slots: limits.reverting, ranks: [[sql`j.status = 'PAUSE_REQUESTED' AND ${DEAD}`]] },
    running(sql`NOT j.continuous`, limits.running),
    running(sql`j.continuous`, CONTINUOUS_SLOTS),
  ].filter(({ slots }) => slots > 0);
  if (groups.length === 0) return NOTHING;
  const isShared = db.order.mode === 'floor';
  const counted = limits.concurrency?.length ? COUNTED_KEY : sql`NULL::text`;
  const selects = groups.flatMap(({ slots, ranks }, group) =>
    ranks.flatMap((conditions, rank) =>
      conditions.map(
        (
          condition,
        ) => sql`(SELECT j.id, j.priority, j.revision, j.type_name, j.status, ${group}::int AS in_group, ${rank}::int AS rank FROM job j
          WHERE ${condition} AND ${isHere} AND j.type_name = ANY(${limits.types}::text[]) ORDER BY j.priority DESC, j.id LIMIT ${isShared ? SPARE * slots : slots}::bigint)`,
      ),
    ),
  );
  const rows = await db.rows<Candidate>(
    sql`SELECT id, revision, in_group, type_name, status, ${counted} AS counted
      FROM (${join(selects, ' UNION ALL ')}) AS due ORDER BY rank, priority DESC, id`,
  );
  if (rows.length === 0) return { ...NOTHING, isContended: isBusy };
  // Where rows are locked, some may not be available: more of them than slots are looked at, as far as there are places.
  const ofGroups = groups.map(({ slots }, group) => {
    const some = rows.filter((row) => row.inGroup === group).slice(0, isShared ? SPARE * slots : slots);
    const kept = some.filter((row) => row.status !== 'PENDING' || places.take(row));
    return { slots, rows: kept, isCut: kept.length < Math.min(slots, some.length) };
  });
  const isCut = ofGroups.some((group) => group.isCut);
  if (!isShared) {
    return { ids: ofGroups.flatMap((group) => group.rows.map(({ id }) => String(id))), isContended: false, isCut };
  }
  const locked: Claimable[] = [];
  for (const group of ofGroups) locked.push(await lockSome(db, group.rows, group.slots, now));
  return {
    ids: locked.flatMap(({ ids }) => ids),
    isContended: isBusy || locked.some(({ isContended }) => isContended),
    isCut,
  };
};

interface Claimable {
  readonly ids: readonly JobId[];
  /** Some were left out, because a limit on the jobs of their type was reached. */
  readonly isCut: boolean;
  /** Others are being claimed, or changed, by another transaction. */
  readonly isContended: boolean;
}
const NOTHING: Claimable = { ids: [], isContended: false, isCut: false };

interface Candidate {
  readonly id: number;
  readonly revision: number;
  readonly inGroup: number;
  readonly typeName: string;
  readonly status: string;
  readonly counted: string | null;
}

/** So many times the free slots are read, since others may be claiming the first of them. */
const SPARE = 4;

/**
 * Where writers do not wait for each other: locks the first of these that no other transaction has locked, or changed
 * since they were read. A job that has never begun, and holds something, could be claimed at the same time as another
 * that excludes it, each before the other is visible. Such claims therefore also lock what the job holds, and then look
 * again for jobs that block it, in a new statement. Nothing is waited for: what is locked is left out.
 */
const lockSome = async (
  db: Connection,
  candidates: readonly Candidate[],
  slots: number,
  now: Instant,
): Promise<Claimable> => {
  if (candidates.length === 0) return NOTHING;
  const rows = await db.rows<{ readonly id: number; readonly holds: boolean }>(sql`SELECT j.id,
      (j.started_at IS NULL AND EXISTS (SELECT 1 FROM job_hold h WHERE h.job_id = j.id)) AS holds
    FROM unnest(${candidates.map(({ id }) => id)}::bigint[], ${candidates.map(({ revision }) => revision)}::bigint[])
      WITH ORDINALITY AS c(id, revision, position) JOIN job j ON j.id = c.id AND j.revision = c.revision
    ORDER BY c.position LIMIT ${slots}::bigint FOR UPDATE OF j SKIP LOCKED`);
  const ids = (holding: boolean) => rows.filter(({ holds }) => holds === holding).map(({ id }) => String(id));
  const unblocked = await unblockedOf(db, ids(true), now);
  const isContended = rows.length < Math.min(slots, candidates.length) || unblocked.length < ids(true).length;
  const free = new Set([...ids(false), ...unblocked]);
  return { ids: rows.map(({ id }) => String(id)).filter((id) => free.has(id)), isContended, isCut: false };
};

const unblockedOf = async (db: Connection, ids: readonly JobId[], now: Instant): Promise<readonly JobId[]> => {
  if (ids.length === 0) return [];
  const locked = await db.rows<{ readonly id: number }>(sql`SELECT job_id AS id FROM job_hold
    WHERE job_id = ANY(${idsOf(ids)}) GROUP BY job_id
    HAVING bool_and(pg_try_advisory_xact_lock(${RESOURCE_LOCKS}::int, hashtext(resource)))`);
  const free = await db.rows<{ readonly id: number }>(sql`SELECT j.id FROM job j
    WHERE j.id = ANY(${idsOf(locked.map(({ id }) => String(id)))}) AND NOT ${blockedAt(now)} ORDER BY j.id`);
  return free.map(({ id }) => String(id));
};

/**
 * Three selections, so that jobs that wait for nothing are read from the index in order, and only as many as there are
 * slots.
 */
const due = (status: JobStatus, condition: Sql, now: Instant): readonly Sql[] => [
  sql`j.status = ${status} AND j.next_attempt_at <= ${now}::bigint AND (j.run_at IS NULL OR j.run_at <= ${now}::bigint) AND ${condition}`,
  sql`j.status = ${status} AND j.next_attempt_at IS NULL AND j.run_at <= ${now}::bigint AND ${condition}`,
  sql`j.status = ${status} AND j.next_attempt_at IS NULL AND j.run_at IS NULL AND ${condition}`,
];

/**
 * A job with a pause request stays PAUSE_REQUESTED until its new holder has acquired the fence in the target and
 * reports it.
 */
const take = async (db: Connection, session: Session, ids: readonly JobId[], now: Instant) => {
  const { rows } = await chooseFew(db, 'claimed', sql`job j WHERE j.id = ANY(${idsOf(ids)})`);
  const kept = (row: ChosenRow) => (row.was === 'PAUSE_REQUESTED' ? { ...row, verdict: row.was } : row);
  const effects = {
    actor: { kind: 'WORKER', name: session.name },
    set: claimChanges(session.id, now, POSTGRES),
  } as const;
  await apply(db, chosenOf((rows ?? []).map(kept)), effects, now);
};

const readClaims = async (db: Connection, sessionId: string, ids: readonly JobId[]): Promise<readonly Claimed[]> => {
  if (ids.length === 0) return [];
  const rows =
    await db.rows<ClaimedRow>(sql`SELECT j.id, j.epoch, j.type_name, j.status, j.fraction_completed, j.store_id, j.began, j.attempts, j.committing,
      j.database AS wanted_database, w.details, w.checkpoint, w.input_json, s.secrets,
      d.name AS database_name, d.url AS database_url, d.created_at AS database_created_at, d.node AS database_node,
      d.made_by IS NOT NULL AND d.made_by = j.id AS is_reserved, ${OWNER}
    FROM job j JOIN job_work w ON w.job_id = j.id LEFT JOIN database d ON d.name = j.database
      LEFT JOIN "user" u ON u.name = j.user_name
      LEFT JOIN job_credentials s ON s.job_id = j.id
    WHERE j.id = ANY(${idsOf(ids)}) ORDER BY j.id`);
  return rows.map((row) => readClaimed(row, sessionId));
};

const nextAttemptInMs = async (db: Connection, now: Instant): Promise<number | null> => {
  const [row] = await db.rows<{ readonly at: number | null }>(sql`SELECT least(
    (SELECT min(next_attempt_at) FROM job WHERE status = 'PENDING' AND next_attempt_at > ${now}::bigint),
    (SELECT min(next_attempt_at) FROM job WHERE status = 'REVERTING' AND next_attempt_at > ${now}::bigint),
    (SELECT min(run_at) FROM job WHERE status = 'PENDING' AND next_attempt_at IS NULL AND run_at > ${now}::bigint)) AS at`);
  return row === undefined || row.at === null ? null : row.at - now;
};
