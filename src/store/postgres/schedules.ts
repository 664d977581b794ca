import type { Access } from '../../jobs/access.ts';
import type { Instant } from '../../jobs/job.ts';
import type { Schedule, ScheduleId } from '../../jobs/schedule.ts';
import {
  type Column,
  changedColumns,
  newColumns,
  readSchedule,
  requireFewSchedules,
  shownSchedule,
} from '../schedule-rows.ts';
import type { NewSchedule, ScheduleChanges } from '../schedules.ts';
import { join, type Sql, sql } from '../sql.ts';
import type { By, CreationKey } from '../store.ts';
import type { Schedule as ScheduleRow, Stored } from '../stored.ts';
import { record } from './audit.ts';
import type { Connection } from './connection.ts';
import { idsOf, POSTGRES } from './dialect.ts';
import { keepTarget, removeTarget, targetByKey } from './keys.ts';
import { sees } from './visible.ts';

const find = (db: Connection, which: Sql) =>
  db.rows<Stored<ScheduleRow>>(sql`SELECT s.* FROM schedule s WHERE ${which} ORDER BY s.id`);

const findOne = async (db: Connection, id: ScheduleId): Promise<Schedule | null> => {
  const [row] = await find(db, sql`s.id = ${Number(id)}`);
  return row === undefined ? null : readSchedule(row);
};

const seen = (access: Access) => sees(access, sql`s.user_name`);

export const schedules = async (db: Connection, access: Access): Promise<readonly Schedule[]> =>
  (await find(db, seen(access))).map(readSchedule);

export const schedulesById = async (db: Connection, ids: readonly ScheduleId[], access: Access) => {
  return (await find(db, sql`s.id = ANY(${idsOf(ids)}) AND ${seen(access)}`)).map(readSchedule);
};

const names = (columns: readonly Column[]) => join(columns.map(([field]) => POSTGRES.column(field)));
export const assigned = (columns: readonly Column[]) =>
  join(columns.map(([field, value]) => sql`${POSTGRES.column(field)} = ${value}`));

export const createSchedule = async (
  db: Connection,
  schedule: NewSchedule,
  now: Instant,
  by?: By,
  key?: CreationKey | null,
): Promise<Schedule> => {
  const same = key == null ? null : await targetByKey(db, key);
  const found = same === null ? null : await findOne(db, same);
  if (found !== null) return found;
  const [count] = await db.rows<{ readonly n: number }>(
    sql`SELECT count(*) AS n FROM schedule WHERE user_name = ${schedule.userName}`,
  );
  requireFewSchedules(schedule.userName, Number(count?.n));
  const columns = newColumns(schedule);
  const [row] = await db.rows<{ readonly id: number }>(sql`INSERT INTO schedule
      (id, created_at, node, ${names(columns)})
    VALUES (nextval('job_id_seq'), ${now}, ${schedule.node}, ${join(columns.map(([, value]) => value))}) RETURNING id`);
  const id = String(row?.id);
  await keepTarget(db, key, id);
  return recorded(db, id, 'createSchedule', null, by);
};

/** Records what a schedule has become, and returns it. */
const recorded = async (db: Connection, id: ScheduleId, action: string, before: Schedule | null, by?: By) => {
  const schedule = await findOne(db, id);
  if (schedule === null) throw new Error(`schedule ${id} is not there`);
  const was = before === null ? null : shownSchedule(before);
  await record(db, { action, target: id, before: was, after: shownSchedule(schedule) }, by);
  return schedule;
};

export const updateSchedule = async (
  db: Connection,
  id: ScheduleId,
  version: number,
  changes: ScheduleChanges,
  by?: By,
) => {
  const before = await findOne(db, id);
  if (before === null) return null;
  const node: readonly Column[] = changes.node === undefined ? [] : [['node', changes.node]];
  const columns = assigned([...changedColumns(changes), ...node, ['version', version + 1]]);
  const changed = await db.run(sql`UPDATE schedule SET ${columns} WHERE id = ${Number(id)} AND version = ${version}`);
  if (changed === 0) return null;
  return recorded(db, id, 'updateSchedule', before, by);
};

export const deleteSchedule = async (db: Connection, id: ScheduleId, by?: By): Promise<boolean> => {
  const schedule = await findOne(db, id);
  if (schedule === null) return false;
  await db.run(sql`DELETE FROM schedule WHERE id = ${Number(id)}`);
  await removeTarget(db, 'createSchedule', id);
  await record(db, { action: 'deleteSchedule', target: id, before: shownSchedule(schedule) }, by);
  return true;
};

export const deleteSchedulesOf = async (db: Connection, userName: string, by: By): Promise<void> => {
  for (const { id } of await find(db, sql`s.user_name = ${userName}`)) await deleteSchedule(db, String(id), by);
};

export const setSchedulesPaused = async (
  db: Connection,
  given: readonly { readonly id: ScheduleId; readonly nextRunAt: Instant | null }[],
  paused: boolean,
  by?: By,
): Promise<void> => {
  for (const { id, nextRunAt } of given) {
    const next = paused ? null : nextRunAt;
    const changed = await db.run(sql`UPDATE schedule SET paused = ${paused}, next_run_at = ${next}, queued_at = NULL,
      version = version + 1 WHERE id = ${Number(id)} AND paused = ${!paused}`);
    if (changed === 0) continue;
    const action = paused ? 'pauseSchedules' : 'resumeSchedules';
    await record(db, { action, target: id, before: { paused: !paused }, after: { paused } }, by);
  }
};
