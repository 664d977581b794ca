/**
 * Which session works on which job. A claim is a session and an epoch. A claim whose session has ended is dead, and its
 * job is held over by a new claim under the next epoch. If nothing was ever saved under the dead claim, the job first
 * waits, longer each time, so that a job that kills its process does not keep the server down. A job whose type no live
 * session knows waits for one that does, and spends no attempt.
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
import { COUNTED, type Places, placesOf, type Used } from '../places.ts';
import { WAITING } from '../rows.ts';
import type { ClaimAnswer, Claimed, ClaimLimits } from '../store.ts';
import { keepErrors, nextAttemptAt } from './attempts.ts';
import type { Job, WorkerSession } from './client/client.ts';
import { type Connection, join, type Sql, sql } from './client.ts';
import { OWNER } from './grants.ts';
import { blockedAt } from './holds.ts';
import { apply, choose } from './moves.ts';
import { KNOWN_TYPE } from './sessions.ts';
import { SQLITE } from './where.ts';

const DEAD = sql`j.claimedBy IN (SELECT id FROM WorkerSession WHERE endedAt IS NOT NULL)`;
const FREE = sql`(j.claimedBy IS NULL OR ${DEAD})`;

/** A session that has been declared dead gets no jobs: its claims would be held over immediately. */
export const claim = async (
  db: Connection,
  sessionId: string,
  limits: ClaimLimits,
  retry: Retry,
  now: Instant,
): Promise<ClaimAnswer> => {
  const session = (
    await db.rows<Pick<WorkerSession, 'name' | 'draining'>>(
      sql`SELECT name, draining FROM WorkerSession WHERE id = ${sessionId} AND endedAt IS NULL`,
    )
  )[0];
  if (session === undefined) return NO_CLAIMS;
  await rescueLost(db, retry, now);
  const draining = Boolean(session.draining);
  const unheldOf = (jobs: readonly OwnJob[]) => jobs.filter(({ id }) => !limits.holding.includes(id));
  let own = await ownJobs(db, sessionId);
  const found: JobId[] = [];
  for (let isCut = !draining; isCut; ) {
    const more = await claimable(db, limitsWithout(limits, unheldOf(own)), now);
    if (more.ids.length > 0) await take(db, { id: sessionId, name: session.name }, more.ids, now);
    found.push(...more.ids);
    isCut = more.isCut && more.ids.length > 0;
    if (isCut) own = await ownJobs(db, sessionId);
  }
  const ids = [...new Set([...unheldOf(own).map(({ id }) => id), ...found])];
  const claimed = await readClaims(db, sessionId, ids);
  const requested = requestedOf(own, claimed, draining);
  return { claimed, requested, draining, nextAttemptInMs: await nextAttemptInMs(db, now) };
};

const ownJobs = async (db: Connection, sessionId: string): Promise<readonly OwnJob[]> =>
  (
    await db.rows<Pick<Job, 'id' | 'status' | 'continuous'>>(
      sql`SELECT id, status, continuous FROM Job WHERE claimedBy = ${sessionId} ORDER BY id`,
    )
  ).map(readOwnJob);

const rescueLost = async (db: Connection, retry: Retry, now: Instant) => {
  if ((await db.rows(sql`SELECT 1 FROM Job j WHERE ${DEAD} LIMIT 1`)).length === 0) return;
  await spendAttempts(db, retry, now);
  await leaveUnknown(db, now);
};

/** Dead claims under which nothing was saved: each spends an attempt, and after the last the job fails for good. */
const spendAttempts = async (db: Connection, retry: Retry, now: Instant) => {
  const lost = sql`Job j WHERE ${DEAD} AND NOT j.savedInClaim AND j.status IN ('RUNNING', 'REVERTING') AND ${KNOWN_TYPE}`;
  if ((await db.rows(sql`SELECT 1 FROM ${lost} LIMIT 1`)).length === 0) return;
  const last = sql`j.attempts + 1 >= ${retry.attempts} AND j.status = 'RUNNING' AND NOT j.committing`;
  await choose(db, 'lost', lost, sql`WHEN ${last} THEN 'REVERTING'`);
  await keepErrors(db, LOST, now);
  const set = lostChanges({ lost: LOST, attempts: retry.attempts }, nextAttemptAt(retry, now), SQLITE);
  await apply(db, { actor: { kind: 'SYSTEM', name: 'recovery' }, error: LOST, set }, now);
};

/** Jobs of a type that no live session knows stop running; they wait, and no attempt is spent. */
const leaveUnknown = async (db: Connection, now: Instant) => {
  const unknown = sql`Job j WHERE ${DEAD} AND j.status = 'RUNNING' AND NOT ${KNOWN_TYPE}`;
  if ((await db.rows(sql`SELECT 1 FROM ${unknown} LIMIT 1`)).length === 0) return;
  await choose(db, 'lost', unknown);
  await apply(
    db,
    {
      actor: { kind: 'SYSTEM', name: 'recovery' },
      reason: 'no server knows its type',
      set: [
        ['claimedBy', sql`NULL`],
        ['statusMessage', sql`${WAITING}`],
      ],
    },
    now,
  );
};

const LOST = 'the worker was lost';
/** Continuous jobs take no slot; at most this many are started at once. */
const CONTINUOUS_SLOTS = 64;

/**
 * Reverting jobs first, since they never wait for a slot; then jobs that have started; then by priority, oldest first.
 */
const claimable = async (db: Connection, limits: ClaimLimits, now: Instant): Promise<Claimable> => {
  const isKnown = sql`j.typeName IN (SELECT value FROM json_each(${JSON.stringify(limits.types)}))`;
  const places = placesOf(limits, await usedPlaces(db, limits));
  const running = (continuous: Sql, slots: number) => ({
    slots,
    ranks: [
      [sql`j.status = 'RUNNING' AND ${FREE} AND ${continuous}`],
      due('PENDING', sql`${continuous} AND NOT j.awaitsResume AND NOT ${blockedAt(now)}${hasPlace(places)}`, now),
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
  if (groups.length === 0) return { ids: [], isCut: false };
  const selects = groups.flatMap(({ slots, ranks }, group) =>
    ranks.flatMap((conditions, rank) =>
      conditions.map(
        (
          condition,
        ) => sql`SELECT * FROM (SELECT j.id, j.priority, j.typeName, j.status, ${group} AS inGroup, ${rank} AS rank
        FROM Job j WHERE ${condition} AND ${isKnown} ORDER BY j.priority DESC, j.rowid LIMIT ${slots})`,
      ),
    ),
  );
  const counted = limits.concurrency?.length ? COUNTED_KEY : sql`NULL`;
  const rows = await db.rows<Candidate>(
    sql`SELECT id, inGroup, typeName, status, ${counted} AS counted FROM (${join(selects, ' UNION ALL ')})
      ORDER BY rank, priority DESC, id`,
  );
  const found = groups.flatMap(({ slots }, group) =>
    rows.filter((row) => Number(row.inGroup) === group).slice(0, slots),
  );
  const kept = found.filter((row) => row.status !== 'PENDING' || places.take(row));
  return { ids: kept.map(({ id }) => String(id)), isCut: kept.length < found.length };
};

interface Claimable {
  readonly ids: readonly JobId[];
  /** Some were left out, because a limit on the jobs of their type was reached. */
  readonly isCut: boolean;
}

type Candidate = Pick<Job, 'id' | 'typeName' | 'status'> & {
  readonly inGroup: bigint;
  readonly counted: string | null;
};

const COUNTED_KEY = sql`(SELECT h.resource FROM JobHold h WHERE h.jobId = id AND h.mode = 'count')`;

/** What the jobs use of which types that are limited. */
const usedPlaces = async (db: Connection, { concurrency = [] }: ClaimLimits): Promise<readonly Used[]> => {
  if (concurrency.length === 0) return [];
  const types = JSON.stringify(concurrency.map(({ typeName }) => typeName));
  const rows = await db.rows<Omit<Used, 'count'> & { readonly count: bigint }>(
    sql`SELECT k.typeName, h.resource, count(*) AS count
    FROM Job k LEFT JOIN JobHold h ON h.jobId = k.id AND h.mode = 'count'
    WHERE k.status IN (SELECT value FROM json_each(${JSON.stringify(COUNTED)}))
      AND k.typeName IN (SELECT value FROM json_each(${types})) GROUP BY 1, 2`,
  );
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
};

const hasPlace = ({ fullTypes, fullKeys }: Places): Sql => {
  if (fullTypes.length + fullKeys.length === 0) return sql``;
  return sql` AND j.typeName NOT IN (SELECT value FROM json_each(${JSON.stringify(fullTypes)}))
    AND NOT EXISTS (SELECT 1 FROM JobHold h WHERE h.jobId = j.id AND h.mode = 'count'
      AND h.resource IN (SELECT value FROM json_each(${JSON.stringify(fullKeys)})))`;
};

/**
 * Three selections, so that jobs that wait for nothing are read from the index in order, and only as many as there are
 * slots.
 */
const due = (status: JobStatus, condition: Sql, now: Instant): readonly Sql[] => [
  sql`j.status = ${status} AND j.nextAttemptAt <= ${now} AND (j.runAt IS NULL OR j.runAt <= ${now}) AND ${condition}`,
  sql`j.status = ${status} AND j.nextAttemptAt IS NULL AND j.runAt <= ${now} AND ${condition}`,
  sql`j.status = ${status} AND j.nextAttemptAt IS NULL AND j.runAt IS NULL AND ${condition}`,
];

const take = async (
  db: Connection,
  session: { readonly id: string; readonly name: string },
  ids: readonly JobId[],
  now: Instant,
) => {
  const wanted = JSON.stringify(ids.map(Number));
  const them = sql`Job j WHERE j.id IN (SELECT value FROM json_each(${wanted}))`;
  await choose(db, 'claimed', them);
  // A job with a pause request stays PAUSE_REQUESTED until its new holder has acquired the fence in the target and
  // reports it.
  await db.run(sql`UPDATE Chosen SET verdict = was WHERE was = 'PAUSE_REQUESTED'`);
  const set = claimChanges(session.id, now, SQLITE);
  await apply(db, { actor: { kind: 'WORKER', name: session.name }, set }, now);
};

const readClaims = async (db: Connection, sessionId: string, ids: readonly JobId[]): Promise<readonly Claimed[]> => {
  if (ids.length === 0) return [];
  const wanted = JSON.stringify(ids.map(Number));
  const rows =
    await db.rows<ClaimedRow>(sql`SELECT j.id, j.epoch, j.typeName, j.status, j.fractionCompleted, j.storeId, j.began, j.attempts, j.committing,
      j.database AS wantedDatabase, w.details, w.checkpoint, w.inputJson, s.secrets,
      d.name AS databaseName, d.url AS databaseUrl, d.createdAt AS databaseCreatedAt,
      d.madeBy IS NOT NULL AND d.madeBy = j.id AS isReserved, ${OWNER}
    FROM Job j JOIN JobWork w ON w.jobId = j.id LEFT JOIN Database d ON d.name = j.database
      LEFT JOIN User u ON u.name = j.userName
      LEFT JOIN JobCredentials s ON s.jobId = j.id
    WHERE j.id IN (SELECT value FROM json_each(${wanted})) ORDER BY j.id`);
  return rows.map((row) => readClaimed(row, sessionId));
};

const nextAttemptInMs = async (db: Connection, now: Instant): Promise<number | null> => {
  const [row] = await db.rows<{ readonly at: bigint | null }>(sql`SELECT min(at) AS at FROM (
    SELECT min(nextAttemptAt) AS at FROM Job WHERE status = 'PENDING' AND nextAttemptAt > ${now}
    UNION ALL SELECT min(nextAttemptAt) FROM Job WHERE status = 'REVERTING' AND nextAttemptAt > ${now}
    UNION ALL SELECT min(runAt) FROM Job WHERE status = 'PENDING' AND nextAttemptAt IS NULL AND runAt > ${now})`);
  return row === undefined || row.at === null ? null : Number(row.at) - now;
};
