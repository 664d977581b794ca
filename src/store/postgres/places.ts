/** How many jobs of limited types run. See store/places.ts. */
import { COUNTED, type Places, placesOf, type Used } from '../places.ts';
import { type Sql, sql } from '../sql.ts';
import type { ClaimLimits } from '../store.ts';
import type { Connection } from './connection.ts';
import { RESOURCE_LOCKS } from './holds.ts';

export const COUNTED_KEY = sql`(SELECT h.resource FROM job_hold h WHERE h.job_id = due.id AND h.mode = 'count')`;

/**
 * Where writers do not wait for each other, two could count at the same time, and then each take the last place. Such a
 * claim therefore locks the types of which jobs wait, and counts in a later statement. What is locked is left out: `isBusy`.
 */
export const readPlaces = async (
  db: Connection,
  limits: ClaimLimits,
): Promise<{ readonly places: Places; readonly isBusy: boolean }> => {
  const types = (limits.concurrency ?? []).map(({ typeName }) => typeName);
  if (types.length === 0) return { places: placesOf(limits, []), isBusy: false };
  const busy = db.order.mode === 'floor' ? await lockTypes(db, types) : [];
  const used = await db.rows<Used>(sql`SELECT k.type_name, h.resource, count(*)::int AS count
    FROM job k LEFT JOIN job_hold h ON h.job_id = k.id AND h.mode = 'count'
    WHERE k.status = ANY(${[...COUNTED]}::text[]) AND k.type_name = ANY(${types}::text[]) GROUP BY 1, 2`);
  return { places: placesOf(limits, used, busy), isBusy: busy.length > 0 };
};

/** Returns those that another transaction has locked. */
const lockTypes = async (db: Connection, types: readonly string[]): Promise<readonly string[]> => {
  const rows = await db.rows<{ readonly typeName: string; readonly isLocked: boolean }>(
    sql`SELECT t.type_name, pg_try_advisory_xact_lock(${RESOURCE_LOCKS}::int, hashtext('count:' || t.type_name)) AS is_locked
    FROM unnest(${types}::text[]) AS t(type_name)
    WHERE EXISTS (SELECT 1 FROM job j WHERE j.status = 'PENDING' AND j.type_name = t.type_name)`,
  );
  return rows.filter(({ isLocked }) => !isLocked).map(({ typeName }) => typeName);
};

export const hasPlace = ({ fullTypes, fullKeys }: Places): Sql => {
  if (fullTypes.length + fullKeys.length === 0) return sql``;
  return sql` AND j.type_name <> ALL(${fullTypes}::text[]) AND NOT EXISTS (SELECT 1 FROM job_hold h
    WHERE h.job_id = j.id AND h.mode = 'count' AND h.resource = ANY(${fullKeys}::text[]))`;
};
