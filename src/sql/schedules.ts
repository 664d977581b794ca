/** Schedules: the same calls that the mutations of the API make. */
import { checkScope } from '../auth/scope.ts';
import type { Manager } from '../engine/schedules.ts';
import type { Schedule } from '../jobs/schedule.ts';
import { newSchedulePath, urlBelow } from './backups.ts';
import { type Column, type Row, typeWord } from './columns.ts';
import { resolveInput } from './create.ts';
import { STATE_OF_REFUSAL, sqlError } from './errors.ts';
import type { Literal } from './reader.ts';
import { noticeRefusals } from './refusals.ts';
import { type Answer, done, type Session, table } from './session.ts';
import type { ScheduleCondition, SchedulesTarget, Statement } from './statement.ts';
import { idValue, type Parameters, textValue } from './values.ts';

export const SCHEDULE_COLUMNS: readonly Column[] = [
  { name: 'id', type: 'int8' },
  { name: 'label', type: 'text' },
  { name: 'schedule_status', type: 'text' },
  { name: 'next_run', type: 'timestamptz' },
  { name: 'state', type: 'text' },
  { name: 'recurrence', type: 'text' },
  { name: 'timezone', type: 'text' },
  { name: 'owner', type: 'text' },
  { name: 'created', type: 'timestamptz' },
  { name: 'command', type: 'json' },
];
export const CREATED_COLUMNS: readonly Column[] = [
  { name: 'schedule_id', type: 'int8' },
  { name: 'label', type: 'text' },
  { name: 'status', type: 'text' },
  { name: 'first_run', type: 'timestamptz' },
  { name: 'schedule', type: 'text' },
];
export const STATEMENT_COLUMNS: readonly Column[] = [
  { name: 'schedule_id', type: 'int8' },
  { name: 'create_statement', type: 'text' },
];

const managerOf = ({ caller }: Session): Manager => ({
  viewer: caller.viewer(),
  tokenId: caller.identity.tokenId,
  signal: () => caller.operation.signal,
  access: caller.access(),
  by: caller.by(),
});

const statusOf = ({ paused }: Schedule) => (paused ? 'PAUSED' : 'ACTIVE');

const rowOf = (schedule: Schedule): Row => [
  schedule.id,
  schedule.name,
  statusOf(schedule),
  schedule.nextRunAt,
  schedule.lastError,
  schedule.cron,
  schedule.timeZone,
  schedule.userName,
  schedule.createdAt,
  JSON.stringify({ type: typeWord(schedule.typeName), input: schedule.inputJson }),
];

const absent = (id: string) => sqlError('undefinedObject', `schedule with ID ${id} does not exist`);

/** @throws 42704 */
export const findSchedule = async (id: string, { caller }: Session): Promise<Schedule> => {
  const [schedule] = await caller.store.schedulesById([id], caller.access());
  if (schedule === undefined) throw absent(id);
  return schedule;
};

export const showSchedules = async (
  { status, id }: Extract<Statement, { is: 'showSchedules' }>,
  session: Session,
): Promise<Answer> => {
  const { caller } = session;
  const schedules =
    id === null
      ? await caller.store.schedules(caller.access())
      : [await findSchedule(scheduleIdValue(id, session.parameters), session)];
  const shown = schedules.filter((schedule) => status === null || statusOf(schedule) === status);
  return table(SCHEDULE_COLUMNS, shown.map(rowOf), 'SHOW');
};

const READ: Readonly<Record<ScheduleCondition['column'], (schedule: Schedule) => string>> = {
  id: ({ id }) => id,
  label: ({ name }) => name,
  owner: ({ userName }) => userName,
  schedule_status: statusOf,
  recurrence: ({ cron }) => cron,
};

const scheduleIdValue = (literal: Literal, parameters: Parameters) => idValue(literal, parameters, 'schedule');

const wantedName = (column: ScheduleCondition['column'], wanted: string, { viewers }: Session['caller']) =>
  column === 'owner' ? viewers.nameOf(wanted) : wanted;

/** As those of jobs, statuses are compared without case. @throws 22P02 for what is none */
const statusNamed = (text: string, at: number | undefined): string => {
  const status = text.trim().toUpperCase();
  if (status === 'ACTIVE' || status === 'PAUSED') return status;
  throw sqlError('invalidText', `invalid schedule_status: ${JSON.stringify(text.slice(0, 100))}`, at);
};

/** The ids of the schedules that a statement is for. Of a condition, those that the viewer may see. */
export const scheduleIdsOf = async (target: SchedulesTarget, session: Session): Promise<readonly string[]> => {
  const { caller, parameters } = session;
  if (target.is === 'ids') return [...new Set(target.ids.map((id) => scheduleIdValue(id, parameters)))];
  const conditions = target.where.map(({ column, isNegated, value }) => {
    const wanted = column === 'id' ? scheduleIdValue(value, parameters) : textValue(value, parameters);
    const name = column === 'schedule_status' ? statusNamed(wanted, value.at) : wantedName(column, wanted, caller);
    return (schedule: Schedule) => (READ[column](schedule) === name) !== isNegated;
  });
  const schedules = await caller.store.schedules(caller.access());
  return schedules.filter((one) => conditions.every((holds) => holds(one))).map(({ id }) => id);
};

const requireNoDryRun = ({ settings }: Session) => {
  if (settings.isDryRun) throw sqlError('notSupported', 'signalbox.dry_run is for PAUSE, RESUME and CANCEL of jobs');
};

/** As in a mutation. */
const MOST_SCHEDULES = 1_000;

const FIELDS = { PAUSE: 'pauseSchedules', RESUME: 'resumeSchedules', DROP: 'deleteSchedule' } as const;

export const commandSchedules = async (
  { command, target }: Extract<Statement, { is: 'schedules' }>,
  session: Session,
): Promise<Answer> => {
  const { caller } = session;
  checkScope(caller.identity.scope, { operation: 'mutation', name: FIELDS[command], args: {} });
  requireNoDryRun(session);
  const ids = await scheduleIdsOf(target, session);
  if (ids.length > MOST_SCHEDULES) {
    throw sqlError('tooLong', `${ids.length} schedules are selected: at most ${MOST_SCHEDULES} are allowed`);
  }
  const manager = managerOf(session);
  const isOne = target.is === 'ids' && ids.length === 1;
  if (command === 'DROP' || session.settings.isAbort || isOne) {
    const [refusal, ...others] = await caller.schedules.refusals(ids, manager);
    const rest = others.length === 0 ? '' : ` (and ${others.length} other schedules refused; nothing has changed)`;
    if (refusal !== undefined) throw sqlError(STATE_OF_REFUSAL[refusal.code], `${refusal.message}${rest}`);
  }
  if (command === 'DROP') {
    for (const id of ids) await caller.schedules.delete(id, manager);
    return done(`DROP SCHEDULES ${ids.length}`);
  }
  const { schedules, refusals } = await caller.schedules.setPaused(ids, command === 'PAUSE', manager);
  noticeRefusals(session, refusals, refusals.length, 'schedules');
  return done(`${command} SCHEDULES ${schedules.length}`);
};

export const createSchedule = async (
  statement: Extract<Statement, { is: 'createSchedule' }>,
  session: Session,
): Promise<Answer> => {
  const { caller, parameters, settings } = session;
  checkScope(caller.identity.scope, { operation: 'mutation', name: 'createSchedule', args: {} });
  requireNoDryRun(session);
  const input = resolveInput(statement.backup, parameters) as Record<string, unknown>;
  if (statement.below) input.destination = urlBelow(String(input.destination), newSchedulePath);
  input.database ??= settings.database;
  if (input.database === null) {
    throw sqlError('undefinedObject', 'BACKUP needs a database: write db.table, or choose one with USE');
  }
  const { fullEvery = 1, ...options } = resolveInput(statement.options, parameters) as Record<string, unknown>;
  const name = statement.label === null ? `BACKUP ${input.database}` : textValue(statement.label, parameters);
  if (statement.ifNotExists) {
    const known = (await caller.store.schedules(caller.access())).find(
      (one) => one.name === name && one.userName === caller.viewer().name,
    );
    if (known !== undefined) {
      const message = `schedule ${JSON.stringify(name)} exists already: it has the ID ${known.id}`;
      session.notice({ severity: 'NOTICE', sqlState: '00000', message });
      return table(CREATED_COLUMNS, [], 'CREATE SCHEDULE');
    }
  }
  const schedule = await caller.schedules.create(
    {
      ...({ timeZone: 'UTC', overlap: 'SKIP', onMissed: 'ONCE', ...options } as const),
      name,
      cron: textValue(statement.cron, parameters),
      job: {
        ...{ typeName: 'BACKUP', input, priority: 0, fullEvery: Number(fullEvery) },
        ...{ typeField: 'sql', field: 'input' },
      },
    },
    null,
    managerOf(session),
  );
  const row = [schedule.id, schedule.name, statusOf(schedule), schedule.nextRunAt, schedule.cron];
  return { ...table(CREATED_COLUMNS, [row]), tag: () => 'CREATE SCHEDULE' };
};

const text = (value: unknown) => `'${String(value).replaceAll("'", "''")}'`;
const quoted = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
const OPTIONS = { keep: 'keep', maxBytesPerSecond: 'max_bytes_per_second' } as const;

export const showCreateSchedule = async (
  { id }: Extract<Statement, { is: 'showCreateSchedule' }>,
  session: Session,
): Promise<Answer> => {
  const schedule = await findSchedule(scheduleIdValue(id, session.parameters), session);
  if (schedule.typeName !== 'BACKUP') {
    throw sqlError('notSupported', `schedule ${schedule.id} creates no backups: SHOW SCHEDULES has what it creates`);
  }
  const input = schedule.inputJson as Readonly<Record<string, unknown>>;
  const { database, tables, encryptionPassphrase, integrityCheck } = input;
  const object = Array.isArray(tables)
    ? `TABLE ${tables.map((name) => `${quoted(database)}.${quoted(name)}`).join(', ')}`
    : `DATABASE ${quoted(database)}`;
  const options = [
    ...(encryptionPassphrase == null ? [] : [`encryption_passphrase = ${text(encryptionPassphrase)}`]),
    ...Object.entries(OPTIONS).flatMap(([field, name]) => (input[field] == null ? [] : [`${name} = ${input[field]}`])),
    ...(integrityCheck === true ? ['integrity_check'] : []),
  ];
  const ofSchedule = [
    `timezone = ${text(schedule.timeZone)}`,
    `on_previous_running = ${text(schedule.overlap === 'SKIP' ? 'skip' : 'wait')}`,
    `on_missed = ${text(schedule.onMissed.toLowerCase())}`,
    `full_every = ${schedule.fullEvery ?? 1}`,
  ];
  const statement =
    `CREATE SCHEDULE ${text(schedule.name)} FOR BACKUP ${object} TO ${text(input.destination)}` +
    `${options.length === 0 ? '' : ` WITH ${options.join(', ')}`} RECURRING ${text(schedule.cron)}` +
    ` WITH SCHEDULE OPTIONS ${ofSchedule.join(', ')}`;
  return table(STATEMENT_COLUMNS, [[schedule.id, statement]], 'SHOW');
};
