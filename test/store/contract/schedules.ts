import { expect, test } from 'vitest';
import type { NewJob, NewSchedule, RunOf, Schedule, StartedRun } from '../../../src/store/store.ts';
import { ADMIN, NEW_JOB, type Scene } from './scene.ts';

const MINUTE = 60_000;
const BY = { actor: { kind: 'USER', name: 'root' }, at: 1 } as const;

export const testSchedules = (scene: Scene): void => {
  const add = async (more: Partial<NewSchedule> = {}): Promise<Schedule> => {
    scene.now += 1;
    const schedule: NewSchedule = {
      name: scene.name('schedule'),
      userName: 'root',
      cron: '* * * * *',
      timeZone: 'UTC',
      overlap: 'SKIP',
      onMissed: 'ONCE',
      fullEvery: null,
      type: 'CUSTOM',
      typeName: 'SCHEDULED',
      inputJson: { of: 'the input' },
      secrets: null,
      priority: 0,
      nextRunAt: scene.now + MINUTE,
      node: null,
      ...more,
    };
    return scene.store.createSchedule(schedule, scene.now);
  };
  const find = async (id: string) => (await scene.store.schedulesById([id], ADMIN))[0];
  const due = async () => (await scene.store.dueSchedules(null, scene.now, [])).due.map(({ id }) => id);
  const runOf = ({ id, version, runs, nextRunAt, queuedAt }: Schedule): RunOf => ({
    scheduleId: id,
    version,
    runs,
    nextRunAt,
    queuedAt,
  });
  const job: NewJob = {
    ...NEW_JOB,
    typeName: 'SCHEDULED',
    description: 'a scheduled job',
  };
  const start = (schedule: Schedule, started: Partial<StartedRun> = {}, more: Partial<NewJob> = {}) =>
    scene.store.startRun(
      runOf(schedule),
      { dueAt: schedule.nextRunAt, nextRunAt: (schedule.nextRunAt ?? 0) + MINUTE, chain: null, ...started },
      { ...job, ...more },
      scene.now,
    );
  const end = async (id: string, type: string) => {
    const session = await scene.session(type);
    await scene.settle(await scene.take(session, type, id), 'finished');
  };

  test('a schedule is due from its time on, and a run moves it on and creates its job', async () => {
    const schedule = await add();
    expect(await due()).not.toContain(schedule.id);
    const { nextInMs } = await scene.store.dueSchedules(null, scene.now, []);
    expect(nextInMs).toBeLessThanOrEqual(MINUTE);
    scene.now += MINUTE;
    expect(await due()).toContain(schedule.id);
    const id = String(await start(schedule));
    expect(await scene.job(id)).toMatchObject({ status: 'PENDING', scheduleId: schedule.id });
    expect(await find(schedule.id)).toMatchObject({
      runs: 1,
      lastJobId: id,
      lastRunAt: scene.now,
      nextRunAt: Number(schedule.nextRunAt) + MINUTE,
      lastError: null,
    });
    expect(await due()).not.toContain(schedule.id);
    const where = { is: 'equals', field: 'scheduleId', value: schedule.id } as const;
    const page = {
      direction: 'descending',
      after: null,
      before: null,
      limit: 5,
      orderBy: 'CREATED_AT',
      where,
    } as const;
    expect((await scene.store.jobs(page, ADMIN)).jobs.map((one) => one.id)).toEqual([id]);
    expect(await scene.store.statusesOf({ where }, 5, ADMIN)).toEqual([{ id, status: 'PENDING' }]);
  });

  test('of several servers, and after a restart, one makes a run', async () => {
    const schedule = await add({ typeName: scene.name('RACED') });
    scene.now += MINUTE;
    const ids = await Promise.all([start(schedule), start(schedule), start(schedule)]);
    expect(ids.filter((id) => id !== null)).toHaveLength(1);
    expect(await start(schedule)).toBeNull();
    expect(await find(schedule.id)).toMatchObject({ runs: 1 });
  });

  test('the same time is never run twice, even if the schedule is set back', async () => {
    const typeName = scene.name('TWICE');
    const schedule = await add({ typeName });
    scene.now += MINUTE;
    await end(String(await start(schedule, {}, { typeName })), typeName);
    const later = await find(schedule.id);
    if (later === undefined) throw new Error('the schedule is gone');
    expect(await start(later, { dueAt: schedule.nextRunAt, nextRunAt: scene.now + 7 })).toBeNull();
    expect(await find(schedule.id)).toEqual({ ...later, nextRunAt: scene.now + 7 });
  });

  test('no run is made while the job of the last one lives', async () => {
    const typeName = scene.name('LIVES');
    const schedule = await add({ typeName });
    scene.now += MINUTE;
    const first = String(await start(schedule, {}, { typeName }));
    scene.now += MINUTE;
    const answer = await scene.store.dueSchedules(null, scene.now, []);
    const again = answer.due.find(({ id }) => id === schedule.id);
    expect(again).toMatchObject({ liveJobId: first, runs: 1 });
    if (again === undefined) throw new Error('the schedule is not due');
    expect(await start(again)).toBeNull();
    const queued = { queuedAt: again.nextRunAt, nextRunAt: scene.now + MINUTE, error: null, isAttempt: false };
    expect(await scene.store.passRun(runOf(again), queued, scene.now)).toBe(true);
    expect(await due()).not.toContain(schedule.id);
    await end(first, typeName);
    const waiting = (await scene.store.dueSchedules(null, scene.now, [])).due.find(({ id }) => id === schedule.id);
    expect(waiting).toMatchObject({ liveJobId: null, queuedAt: again.nextRunAt });
    if (waiting === undefined) throw new Error('the run does not wait');
    expect(await start(waiting, { dueAt: waiting.queuedAt, queuedAt: null })).not.toBeNull();
  });

  test('a run that is passed leaves its reason, and a change of the schedule makes a prepared run void', async () => {
    const schedule = await add();
    scene.now += MINUTE;
    const refused = { nextRunAt: scene.now + MINUTE, error: 'no privilege', isAttempt: true };
    expect(await scene.store.passRun(runOf(schedule), refused, scene.now)).toBe(true);
    expect(await scene.store.passRun(runOf(schedule), refused, scene.now)).toBe(false);
    const passed = await find(schedule.id);
    expect(passed).toMatchObject({ lastError: 'no privilege', lastRunAt: scene.now, runs: 0 });
    if (passed === undefined) throw new Error('the schedule is gone');
    const updated = await scene.store.updateSchedule(schedule.id, schedule.version, { name: 'renamed' });
    expect(updated).toMatchObject({ name: 'renamed', cron: schedule.cron, nextRunAt: passed.nextRunAt });
    expect(await start(passed)).toBeNull();
  });

  test('a run whose job conflicts changes nothing', async () => {
    const hold = { resource: scene.name('table'), mode: 'make' as const, label: 'a table' };
    const holder = await scene.create(scene.name('HOLDER'), { holds: [hold] });
    const schedule = await add();
    scene.now += MINUTE;
    await expect(start(schedule, {}, { holds: [hold] })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await find(schedule.id)).toEqual(schedule);
    expect(await scene.status(holder)).toBe('PENDING');
  });

  test('a paused schedule has no next run and none that waits; a resumed one has the one given', async () => {
    const schedule = await add();
    const given = [{ id: schedule.id, nextRunAt: 1 }];
    await scene.store.setSchedulesPaused(given, true);
    expect(await find(schedule.id)).toMatchObject({ paused: true, nextRunAt: null, queuedAt: null });
    scene.now += 2 * MINUTE;
    expect(await due()).not.toContain(schedule.id);
    await scene.store.setSchedulesPaused([{ id: schedule.id, nextRunAt: scene.now + 5 }], false);
    await scene.store.setSchedulesPaused(given, false);
    expect(await find(schedule.id)).toMatchObject({ paused: false, nextRunAt: scene.now + 5 });
  });

  test('a change of a schedule that was paused since it was read changes nothing', async () => {
    const schedule = await add();
    await scene.store.setSchedulesPaused([{ id: schedule.id, nextRunAt: null }], true);
    const paused = await find(schedule.id);
    const late = { cron: '0 * * * *', nextRunAt: scene.now };
    expect(await scene.store.updateSchedule(schedule.id, schedule.version, late, BY)).toBeNull();
    expect(await find(schedule.id)).toEqual(paused);
    // A paused one is not due, whatever is written.
    await scene.store.updateSchedule(schedule.id, schedule.version + 1, late, BY);
    expect(await find(schedule.id)).toMatchObject({ paused: true, nextRunAt: scene.now });
    expect(await due()).not.toContain(schedule.id);
    await scene.store.deleteSchedule(schedule.id);
  });

  test('schedules that cannot be made now do not keep others from being found', async () => {
    const stuck: string[] = [];
    for (let n = 0; n < 101; n += 1) stuck.push((await add({ nextRunAt: 1, userName: scene.name('stuck') })).id);
    const { id } = await add();
    scene.now += MINUTE;
    expect(await due()).not.toContain(id);
    const except = [...stuck, ...(await due())];
    const others = (await scene.store.dueSchedules(null, scene.now, except)).due.map((one) => one.id);
    expect(others).toContain(id);
    expect(others.filter((other) => except.includes(other))).toEqual([]);
    for (const one of [...stuck, id]) await scene.store.deleteSchedule(one);
  });

  test('the chain of backups is kept with its last job, and begins again with a new input', async () => {
    const schedule = await add({ fullEvery: 3, typeName: scene.name('CHAINED') });
    scene.now += MINUTE;
    const values = { date: '2026-12-01', time: '02-30-00', run: '1' };
    const id = String(await start(schedule, { chain: { before: [], values } }));
    expect(await find(schedule.id)).toMatchObject({ chain: [{ jobId: id, values }] });
    await scene.store.updateSchedule(schedule.id, schedule.version, { name: 'renamed' });
    expect(await find(schedule.id)).toMatchObject({ chain: [{ jobId: id, values }] });
    const changes = { inputJson: { other: true }, secrets: 'sealed' };
    const updated = await scene.store.updateSchedule(schedule.id, schedule.version + 1, changes);
    expect(updated).toMatchObject({ chain: [], inputJson: { other: true }, secrets: 'sealed' });
  });

  test('a key returns the schedule that was created with it, until that is deleted', async () => {
    const key = { userName: 'root', mutation: 'createSchedule', key: scene.name('key'), inputHash: 'hmac:a' };
    const { id: _, ...schedule } = await add();
    const { createdAt, paused, queuedAt, lastRunAt, lastJobId, lastError, runs, chain, version, ...given } = schedule;
    const create = (inputHash: string) =>
      scene.store.createSchedule({ ...given, node: null }, scene.now, BY, { ...key, inputHash });
    const { id } = await create('hmac:a');
    expect((await create('hmac:a')).id).toBe(id);
    await expect(create('hmac:b')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await scene.store.deleteSchedule(id, BY)).toBe(true);
    expect(await scene.store.deleteSchedule(id, BY)).toBe(false);
    expect((await create('hmac:a')).id).not.toBe(id);
  });

  test('a user sees own schedules, which end with the user', async () => {
    const name = scene.name('Sue').replace(' ', '_');
    const user = { name, isAdmin: false, privileges: [], databases: [], files: 'none' as const };
    await scene.store.createUser(user, scene.now);
    const own = await add({ userName: name });
    const access = { sees: { userName: name }, controls: [], userName: name };
    expect((await scene.store.schedules(access)).map(({ id }) => id)).toEqual([own.id]);
    const other = await add();
    expect(await scene.store.schedulesById([other.id, own.id], access)).toEqual([own]);
    await scene.store.deleteUser(name, BY);
    expect(await find(own.id)).toBeUndefined();
    expect(await find(other.id)).toEqual(other);
    const where = { is: 'equals', field: 'target', value: own.id } as const;
    const page = { direction: 'ascending', after: null, before: null, limit: 5 } as const;
    const { events } = await scene.store.auditEvents(page, where);
    expect(events.map(({ action }) => action)).toEqual(['deleteSchedule']);
  });
};
