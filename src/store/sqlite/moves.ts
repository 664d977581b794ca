/**
 * The only write path of `status`. A selection of jobs is inserted into the temporary table Chosen, each with its
 * verdict from the table of transitions; then the jobs that change are updated and their events appended: three
 * statements, whatever the number of jobs. Commands of people and reports of workers both use it.
 */
import type { Instant } from '../../jobs/job.ts';
import { ENDED, type Move, TRANSITIONS } from '../../jobs/status.ts';
import { assignments, type Effects } from '../effects.ts';
import { verdictCases } from '../verdicts.ts';
import { type Connection, join, raw, type Sql, sql } from './client.ts';
import { grantCreated } from './grants.ts';
import { SQLITE } from './where.ts';

/** Verdicts: the new status, '=' for no change, or '!' and the code of a refusal. */
export const createChosen = async (db: Connection): Promise<void> => {
  await db.run(sql`CREATE TEMP TABLE Chosen (id INTEGER PRIMARY KEY, was TEXT NOT NULL, verdict TEXT NOT NULL)`);
};

const FACTS = {
  status: 'j.status',
  revertCause: 'j.revertCause',
  hasRun: 'j.startedAt IS NOT NULL',
  held: 'j.claimedBy IS NOT NULL',
  committing: 'j.committing',
};
const MOVES = Object.keys(TRANSITIONS) as readonly Move[];
const VERDICTS = Object.fromEntries(MOVES.map((move) => [move, raw(verdictCases(move, FACTS))])) as Readonly<
  Record<Move, Sql>
>;

/**
 * Fills Chosen. `from` reads `Job j` and any other tables it needs; `before` are WHEN … THEN … that precede the cells
 * of the table.
 */
export const choose = async (db: Connection, move: Move, from: Sql, before: Sql = sql``): Promise<number> => {
  await db.run(sql`DELETE FROM Chosen`);
  return db.run(sql`INSERT INTO Chosen SELECT j.id, j.status,
    CASE ${before} ${VERDICTS[move]} ELSE '!INVALID_STATUS' END FROM ${from}`);
};

const CHANGES = sql`verdict NOT LIKE '!%' AND verdict <> '='`;

/** Events of failed work, and of its end, have the error that the job keeps; events of a command have none. */
const errorOf = ({ command, error = null }: Effects): Sql =>
  command === undefined
    ? sql`coalesce(CASE WHEN j.status IN ('REVERTING', 'FAILED') THEN j.error END, ${error})`
    : sql`NULL`;

const ENDED_LIST = raw(ENDED.map((status) => `'${status}'`).join(', '));

/** Applies Chosen. Returns the number of jobs changed. */
export const apply = async (db: Connection, effects: Effects, now: Instant): Promise<number> => {
  const by = effects.actor;
  await db.run(sql`UPDATE Counters SET lastRevision = lastRevision + 1`);
  const changed = await db.run(sql`UPDATE Job SET
    status = c.verdict,
    revertCause = CASE
      WHEN c.verdict = 'CANCEL_REQUESTED' THEN 'cancel'
      WHEN c.verdict = 'REVERTING' THEN coalesce(revertCause, CASE WHEN status = 'CANCEL_REQUESTED' THEN 'cancel' ELSE 'failure' END)
      ELSE revertCause END,
    finishedAt = CASE WHEN c.verdict IN (${ENDED_LIST}) THEN ${now} ELSE finishedAt END,
    finishOrder = CASE WHEN c.verdict IN (${ENDED_LIST}) THEN ${now} ELSE finishOrder END,
    modifiedAt = ${now},
    revision = (SELECT lastRevision FROM Counters)
    ${join([sql``, ...assignments(effects.set ?? [], SQLITE)], ', ')}
    FROM Chosen c WHERE Job.id = c.id AND c.${CHANGES}`);
  await db.run(sql`INSERT INTO Event
    (jobId, at, actorKind, actorName, tokenId, type, typeName, userName, database, description, "from", "to", command, commandId, reason, error)
    SELECT j.id, ${now}, ${by.kind}, ${by.name}, ${by.tokenId ?? null}, j.type, j.typeName, j.userName, j.database, j.description, c.was, j.status,
      ${effects.command ?? null}, ${effects.commandId ?? null}, ${effects.reason ?? null}, ${errorOf(effects)}
    FROM Chosen c JOIN Job j ON j.id = c.id WHERE c.${CHANGES} AND c.verdict <> c.was ORDER BY j.id`);
  const { ended, held } = await consequences(db);
  if (held) await touchWaiting(db);
  if (ended) await cleanUpEnded(db);
  return changed;
};

/** Most moves have no consequences, and each statement takes time: a command has to become an event immediately. */
const consequences = async (db: Connection) => {
  const [row] = await db.rows(sql`SELECT
    EXISTS (SELECT 1 FROM Chosen WHERE verdict IN (${ENDED_LIST})) AS ended,
    EXISTS (SELECT 1 FROM Chosen c CROSS JOIN JobHold h ON h.jobId = c.id WHERE c.${CHANGES}) AS held`);
  return { ended: Boolean(row?.ended), held: Boolean(row?.held) };
};

/**
 * A job that waits for a table names the holder: that changes with the holder, although nothing in the row of the job
 * does.
 */
const touchWaiting = async (db: Connection) => {
  await db.run(sql`UPDATE Job SET revision = (SELECT lastRevision FROM Counters)
    WHERE status = 'PENDING' AND startedAt IS NULL AND id IN (SELECT jobId FROM JobHold WHERE resource IN
      (SELECT h.resource FROM Chosen c CROSS JOIN JobHold h ON h.jobId = c.id WHERE c.${CHANGES}))`);
};

/** What a job needs only while it is live: the secrets of its URLs, and its holds on tables. */
const cleanUpEnded = async (db: Connection) => {
  const ended = sql`SELECT id FROM Chosen WHERE verdict IN (${ENDED_LIST})`;
  await db.run(sql`DELETE FROM JobCredentials WHERE jobId IN (${ended})`);
  await db.run(sql`DELETE FROM JobHold WHERE jobId IN (${ended})`);
  await db.run(sql`INSERT INTO PendingCleanup (jobId) SELECT id FROM Job WHERE began AND id IN (${ended})`);
  await db.run(
    sql`DELETE FROM Database WHERE madeBy IN (SELECT id FROM Chosen WHERE verdict IN ('FAILED', 'CANCELED'))`,
  );
  await grantCreated(
    db,
    sql`Database d JOIN Job j ON j.id = d.madeBy JOIN User u ON u.name = j.userName
    WHERE d.madeBy IN (${ended})`,
  );
  await db.run(sql`UPDATE Database SET madeBy = NULL WHERE madeBy IN (${ended})`);
};
