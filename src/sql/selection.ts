/** The jobs that a command is for: the nested SELECT, an id, or a type. */
import { type Condition, JOB_FIELDS, readFilter } from '../jobs/filter.ts';
import type { JobId } from '../jobs/job.ts';
import type { Selection } from '../store/store.ts';
import { typeNamed } from './columns.ts';
import { valueOfType } from './constants.ts';
import { sqlError } from './errors.ts';
import type { Source } from './parse.ts';
import { type ParsedSelect, parseSelect } from './postgres.ts';
import { whereOf } from './read-jobs.ts';
import { findSchedule, scheduleIdsOf } from './schedules.ts';
import { readSelect } from './select.ts';
import { environmentOf, type Session } from './session.ts';
import type { Nested, SchedulesTarget, Target } from './statement.ts';
import { idValue, wholeOf } from './values.ts';

const NOT_ENDED: Condition = { is: 'isNull', field: 'finishedAt', value: true };
const MOST_IDS = 10_000;

export const selectionOf = async (
  target: Target,
  words: string,
  source: Source,
  session: Session,
): Promise<Selection> => {
  if (target.is === 'id') return { ids: [idValue(target.id, session.parameters)] };
  if (target.is === 'type') return { where: ofType(target, session) };
  if (target.is === 'schedules')
    return {
      where: { is: 'all', of: [await jobsOfSchedules(target.schedules, session), NOT_ENDED] },
    };
  return nestedSelection(target.select, words, source, session);
};

/** Jobs of schedules. Of no schedule: none. @throws 42704 for a single schedule that does not exist */
export const jobsOfSchedules = async (target: SchedulesTarget, session: Session): Promise<Condition> => {
  const ids = await scheduleIdsOf(target, session);
  const [id] = ids;
  if (target.is === 'ids' && id !== undefined && ids.length === 1) await findSchedule(id, session);
  const value = ids.length === 0 ? ['0'] : ids;
  return { is: 'in', field: 'scheduleId', value };
};

/** Jobs of a type that have not ended. @throws 42601 for a word that is no type */
const ofType = ({ name, at }: Extract<Target, { is: 'type' }>, { caller }: Session) => {
  const { registry, viewers } = caller;
  const typeName =
    registry.find(typeNamed(name))?.typeName ??
    registry.all().find((kind) => kind.typeName.toLowerCase() === name.toLowerCase())?.typeName;
  if (typeName === undefined) {
    const names = registry.all().map((kind) => kind.typeName.replace('_', ' '));
    const known = names.join(', ');
    throw sqlError('syntax', `${JSON.stringify(name)} is not a type of job: this server has ${known}`, at);
  }
  const filter = { typeName: { equals: typeName }, finishedAt: { isNull: true } };
  return readFilter(filter, JOB_FIELDS, 'sql', 'refused', viewers.nameOf);
};

/** @param words the statement, for its errors: PAUSE JOBS */
export const nestedSelection = async (
  nested: Nested,
  words: string,
  source: Source,
  session: Session,
): Promise<Selection> => {
  const parsed = await parseSelect(source.text, source.tokens, nested);
  const listed = listedIds(parsed, words, session);
  if (listed !== null) return { ids: listed };
  const query = readSelect(parsed, { ...environmentOf(session), position: parsed.positionOf });
  const { targets, orderBy, limit, offset } = query;
  const [target] = targets;
  if (targets.length !== 1)
    throw sqlError('syntax', `${words} expects a single column source, got ${targets.length} columns`);
  if (target?.column?.name !== 'job_id') {
    throw sqlError('invalidText', `${words} expects the ids of jobs: select job_id, not ${target?.name}`);
  }
  if (limit !== null || offset !== 0 || orderBy.length > 0 || query.groupBy !== null) {
    throw sqlError(
      'notSupported',
      `${words} does not allow ORDER BY, LIMIT, OFFSET or GROUP BY: a command is for all jobs that match`,
    );
  }
  return { where: whereOf(query, session.caller) };
};

/** VALUES (1), (2). Null: it is another SELECT. */
const listedIds = ({ select, positionOf }: ParsedSelect, words: string, session: Session): readonly JobId[] | null => {
  const { valuesLists } = select;
  if (valuesLists === undefined) return null;
  if (valuesLists.length > MOST_IDS) throw sqlError('tooLong', `${words} allows at most ${MOST_IDS} ids in VALUES`);
  const environment = { ...environmentOf(session), position: positionOf };
  return valuesLists.map((row) => {
    const items = 'List' in row ? (row.List.items ?? []) : [];
    const [item] = items;
    if (item === undefined || items.length !== 1) {
      throw sqlError('syntax', `${words} expects a single column source, got ${items.length} columns`);
    }
    const id = wholeOf(valueOfType(item, 'int8', environment), undefined);
    return idValue({ is: 'number', value: String(id), at: 1 }, session.parameters);
  });
};
