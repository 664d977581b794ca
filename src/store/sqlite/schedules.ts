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
import type { By, CreationKey } from '../store.ts';
import { record } from './audit.ts';
import type { Schedule as ScheduleRow } from './client/client.ts';
import { type Connection, join, raw, type Sql, sql } from './client.ts';
import { keepTarget, removeTarget, targetByKey } from './keys.ts';
import { nextJobId } from './numbers.ts';
import { sees } from './visible.ts';

const find = (db: Connection, which: Sql) =>
  db.rows<ScheduleRow>(sql`SELECT s.* FROM Schedule s WHERE ${which} ORDER BY s.id`);

const findOne = async (db: Connection, id: ScheduleId): Promise<Schedule | null> => {
  const [row] = await find(db, sql`s.id = ${Number(id)}`);
  return row === undefined ? null : readSchedule(row);
};

const seen = (access: Access) => sees(access, sql`s.userName`);

export const schedules = async (db: Connection, access: Access): Promise<readonly Schedule[]> =>
  (await find(db, seen(access))).map(readSchedule);

export const schedulesById = async (db: Connection, ids: readonly ScheduleId[], access: Access) => {
  const idList = JSON.stringify(ids.map(Number));
  const which = sql`s.id IN (SELECT value FROM json_each(${idList})) AND ${seen(access)}`;
  return (await find(db, which)).map(readSchedule);
};

const names = (columns: readonly Column[]) => join(columns.map(([field]) => raw(`"${field}"`)));
export const assigned = (columns: readonly Column[]) =>
  join(columns.map(([field, value]) => sql`${raw(`"${field}"`)} = ${value}`));

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
  const [count] = await db.rows(sql`SELECT count(*) AS n FROM Schedule WHERE userName = ${schedule.userName}`);
  requireFewSchedules(schedule.userName, Number(count?.n));
  const id = await nextJobId(db, now);
  const columns = newColumns(schedule);
  await db.run(sql`INSERT INTO Schedule (id, createdAt, ${names(columns)})
    VALUES (${Number(id)}, ${now}, ${join(columns.map(([, value]) => value))})`);
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
  const columns = assigned([...changedColumns(changes), ['version', version + 1]]);
  const changed = await db.run(sql`UPDATE Schedule SET ${columns} WHERE id = ${Number(id)} AND version = ${version}`);
  if (changed === 0) return null;
  return recorded(db, id, 'updateSchedule', before, by);
};

export const deleteSchedule = async (db: Connection, id: ScheduleId, by?: By): Promise<boolean> => {
  const schedule = await findOne(db, id);
  if (schedule === null) return false;
  await db.run(sql`DELETE FROM Schedule WHERE id = ${Number(id)}`);
  await removeTarget(db, 'createSchedule', id);
  await record(db, { action: 'deleteSchedule', target: id, before: shownSchedule(schedule) }, by);
  return true;
};

export const deleteSchedulesOf = async (db: Connection, userName: string, by: By): Promise<void> => {
  for (const { id } of await find(db, sql`s.userName = ${userName}`)) await deleteSchedule(db, String(id), by);
};

export const setSchedulesPaused = async (
  db: Connection,
  given: readonly { readonly id: ScheduleId; readonly nextRunAt: Instant | null }[],
  paused: boolean,
  by?: By,
): Promise<void> => {
  for (const { id, nextRunAt } of given) {
    const next = paused ? null : nextRunAt;
    const changed = await db.run(sql`UPDATE Schedule SET paused = ${paused}, nextRunAt = ${next}, queuedAt = NULL,
      version = version + 1 WHERE id = ${Number(id)} AND paused = ${!paused}`);
    if (changed === 0) continue;
    const action = paused ? 'pauseSchedules' : 'resumeSchedules';
    await record(db, { action, target: id, before: { paused: !paused }, after: { paused } }, by);
  }
};
