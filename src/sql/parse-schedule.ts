/** The grammar of statements about schedules. */
import { givenValue, inputOf, type OptionTable, oneOf, parseOptionList, wholeValue } from './options.ts';
import { parseBackup } from './parse-backup.ts';
import type { Literal, Reader } from './reader.ts';
import type { ScheduleCondition, SchedulesTarget, Statement } from './statement.ts';

const OPTIONS: OptionTable = {
  on_previous_running: (option, reader) => ({ overlap: oneOf(option, { skip: 'SKIP', wait: 'QUEUE' }, reader) }),
  on_missed: (option, reader) => ({ onMissed: oneOf(option, { once: 'ONCE', none: 'NONE' }, reader) }),
  timezone: (option, reader) => ({ timeZone: givenValue(option, reader) }),
  full_every: (option, reader) => ({ fullEvery: wholeValue(option, reader) }),
};

/** After CREATE SCHEDULE. */
export const parseCreateSchedule = (reader: Reader): Statement => {
  const ifNotExists = reader.accept('if', 'not', 'exists');
  const label = reader.isNext('for') ? null : nameLiteral(reader);
  reader.expect('for', 'backup');
  const { input, lookUp } = parseBackup(reader, 'recurring');
  reader.expect('recurring');
  const cron = reader.textLiteral();
  if (reader.accept('full', 'backup') && !reader.accept('always')) {
    const message = 'FULL BACKUP must be ALWAYS here: the option full_every = n makes every nth backup full';
    reader.fail(message, reader.position(), 'notSupported');
  }
  const options = reader.accept('with', 'schedule', 'options') ? parseOptionList(reader) : [];
  const given = inputOf(options, OPTIONS, 'CREATE SCHEDULE', reader);
  return {
    is: 'createSchedule',
    ifNotExists,
    label,
    cron,
    backup: input,
    below: lookUp === 'newBackupIn',
    options: given,
  };
};

/** A label is a text, or a name as in CockroachDB. */
const nameLiteral = (reader: Reader): Literal =>
  reader.optionalLiteral() ?? { is: 'text', at: reader.position(), value: reader.name() };

/** After PAUSE, RESUME or DROP. Null: it is about something else. */
export const parseScheduleCommand = (reader: Reader, command: 'PAUSE' | 'RESUME' | 'DROP'): Statement | null => {
  if (!reader.isNext('schedule') && !reader.isNext('schedules')) return null;
  return { is: 'schedules', command, target: parseSchedules(reader) };
};

/** SCHEDULE n, SCHEDULES n, SCHEDULES (select). */
export const parseSchedules = (reader: Reader): SchedulesTarget => {
  if (!reader.accept('schedules')) reader.expect('schedule');
  if (!reader.accept('(')) return { is: 'ids', ids: [reader.id()] };
  const target = reader.accept('values') ? listed(reader) : selected(reader);
  reader.expect(')');
  return target;
};

const listed = (reader: Reader): SchedulesTarget => {
  const ids = reader.listOf(() => {
    reader.expect('(');
    const id = reader.id();
    reader.expect(')');
    return id;
  });
  return { is: 'ids', ids };
};

const COLUMNS = ['id', 'label', 'owner', 'schedule_status', 'recurrence'] as const;

const selected = (reader: Reader): SchedulesTarget => {
  reader.expect('select', 'id', 'from', '[', 'show', 'schedules', ']');
  const where: ScheduleCondition[] = [];
  if (!reader.accept('where')) return { is: 'where', where };
  do {
    const at = reader.position();
    const column = COLUMNS.find((name) => reader.accept(name));
    const isNegated = column !== undefined && (reader.accept('<>') || reader.accept('!='));
    if (column === undefined || (!isNegated && !reader.accept('='))) {
      const message = `a condition on schedules compares ${COLUMNS.join(', ')} by = or <>, joined by AND`;
      return reader.fail(message, at, 'notSupported');
    }
    where.push({ column, isNegated, value: reader.literal() });
  } while (reader.accept('and'));
  return { is: 'where', where };
};

/** After SHOW. Null: it shows something else. */
export const parseShowSchedules = (reader: Reader): Statement | null => {
  if (reader.accept('create', 'schedule')) return { is: 'showCreateSchedule', id: reader.id() };
  if (reader.accept('schedules')) return { is: 'showSchedules', status: null, id: null };
  if (reader.accept('paused', 'schedules')) return { is: 'showSchedules', status: 'PAUSED', id: null };
  if (reader.accept('running', 'schedules')) return { is: 'showSchedules', status: 'ACTIVE', id: null };
  return reader.accept('schedule') ? { is: 'showSchedules', status: null, id: reader.id() } : null;
};
