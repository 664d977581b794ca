import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';
import { scriptedKind } from '../support/scripted.ts';
import { executeSql, refuseSql } from './execute.ts';

let app: TestApp;
const { kind } = scriptedKind();

beforeAll(async () => {
  // No run becomes due.
  const started = Date.parse('2026-12-01T00:00:00Z');
  app = await startApp({ kinds: [kind], now: () => started });
  await app.send({ query: 'mutation { createDatabase(input: { name: "shop" }) { database { name } } }' });
  await addUser(app, 'ben', { privileges: ['CREATEJOB'] });
});
afterAll(() => app?.[Symbol.asyncDispose]());

const run = (sql: string, user = 'root') => executeSql(app, sql, [], user);

test('a schedule of backups is created, shown, paused, resumed and dropped', async () => {
  const create =
    "CREATE SCHEDULE 'nightly' FOR BACKUP DATABASE shop INTO 'nodelocal:///all' WITH keep = 30 RECURRING '30 2 * * *' " +
    "WITH SCHEDULE OPTIONS timezone = 'Europe/Berlin', full_every = 7, on_previous_running = 'wait'";
  const created = await run(create);
  expect(created.tag).toBe('CREATE SCHEDULE');
  const [[id = '']] = created.rows as [[string]];
  expect(created.rows).toEqual([[id, 'nightly', 'ACTIVE', expect.stringMatching(/2026-12-01T01:30:00/), '30 2 * * *']]);
  const again = await run(create.replace('SCHEDULE', 'SCHEDULE IF NOT EXISTS'));
  expect([again.rows, again.notices[0]?.message]).toEqual([[], expect.stringContaining(`it has the ID ${id}`)]);
  const shown = await run('SHOW SCHEDULES');
  expect(shown.columns.map(({ name }) => name).slice(0, 3)).toEqual(['id', 'label', 'schedule_status']);
  expect(shown.rows).toEqual([[id, 'nightly', 'ACTIVE', ...Array(7).fill(expect.anything())].with(4, null)]);
  expect((await run(`SHOW CREATE SCHEDULE ${id}`)).rows).toEqual([
    [
      id,
      `CREATE SCHEDULE 'nightly' FOR BACKUP DATABASE "shop" TO 'nodelocal:///all/{date}-{time}-{run}' WITH keep = 30 RECURRING ` +
        `'30 2 * * *' WITH SCHEDULE OPTIONS timezone = 'Europe/Berlin', on_previous_running = 'wait', on_missed = 'once', full_every = 7`,
    ],
  ]);
  expect((await run(`PAUSE SCHEDULE ${id}`)).tag).toBe('PAUSE SCHEDULES 1');
  expect((await run('SHOW PAUSED SCHEDULES')).rows).toHaveLength(1);
  expect((await run('SHOW RUNNING SCHEDULES')).rows).toEqual([]);
  const both = await run(`RESUME SCHEDULES (VALUES (${id}), (77))`);
  expect([both.tag, both.notices[0]?.message]).toEqual(['RESUME SCHEDULES 1', 'schedule with ID 77 does not exist']);
  expect(await refuseSql(app, 'PAUSE SCHEDULE 77')).toMatchObject({ sqlState: '42704' });
  for (const ids of [`(${id}), (77)`, `(77), (${id})`]) {
    expect(await refuseSql(app, `DROP SCHEDULES (VALUES ${ids})`)).toMatchObject({ sqlState: '42704' });
  }
  expect((await run('SHOW RUNNING SCHEDULES')).rows).toHaveLength(1);
  const byStatus = (status: string) =>
    `DROP SCHEDULES (SELECT id FROM [SHOW SCHEDULES] WHERE schedule_status <> '${status}')`;
  expect(await refuseSql(app, byStatus('activ'))).toMatchObject({ sqlState: '22P02', position: 74 });
  expect((await run(byStatus('active'))).tag).toBe('DROP SCHEDULES 0');
  const none = await run("DROP SCHEDULES (SELECT id FROM [SHOW SCHEDULES] WHERE label <> 'nightly')");
  expect(none.tag).toBe('DROP SCHEDULES 0');
  expect((await run("DROP SCHEDULES (SELECT id FROM [SHOW SCHEDULES] WHERE label = 'nightly')")).tag).toBe(
    'DROP SCHEDULES 1',
  );
  for (const command of ['PAUSE', 'RESUME', 'CANCEL', 'SHOW']) {
    expect(await refuseSql(app, `${command} JOBS FOR SCHEDULE 99`)).toMatchObject({ sqlState: '42704' });
  }
  expect(await refuseSql(app, 'PAUSE SCHEDULE 0')).toMatchObject({ message: 'schedule with ID 0 does not exist' });
  expect((await run('SHOW SCHEDULES')).rows).toEqual([]);
});

test('jobs of schedules are shown and controlled, those of others are not', async () => {
  const scheduled = async (name: string) => {
    const job = `{ job: { typeName: "SCRIPTED", input: { name: "${name}" } } }`;
    const input = `{ name: "${name}", cron: "0 0 1 1 *", job: ${job} }`;
    const { data } = await app.send({ query: `mutation { createSchedule(input: ${input}) { schedule { id } } }` });
    const { id } = (data as { createSchedule: { schedule: { id: string } } }).createSchedule.schedule;
    const ran = await app.send({ query: `mutation { runSchedule(id: "${id}") { job { id } } }` });
    return [id, (ran.data as { runSchedule: { job: { id: string } } }).runSchedule.job.id] as const;
  };
  const [first, job] = await scheduled('one');
  const [second, other] = await scheduled('two');
  const shown = await run(`SHOW JOBS FOR SCHEDULE ${first}`);
  expect(shown.rows.map(([id]) => String(id))).toEqual([job]);
  expect((await run(`PAUSE JOBS FOR SCHEDULE ${first}`)).tag).toBe('PAUSE JOBS 1');
  expect((await run("CANCEL JOBS FOR SCHEDULES (SELECT id FROM [SHOW SCHEDULES] WHERE label = 'none')")).tag).toBe(
    'CANCEL JOBS 0',
  );
  expect((await run(`CANCEL JOBS FOR SCHEDULES (SELECT id FROM [SHOW SCHEDULES])`, 'ben')).tag).toBe('CANCEL JOBS 0');
  expect((await run('CANCEL JOBS FOR SCHEDULES (SELECT id FROM [SHOW SCHEDULES])')).tag).toBe('CANCEL JOBS 2');
  expect(await refuseSql(app, `DROP SCHEDULE ${second}`, [], 'ben')).toMatchObject({ sqlState: '42704' });
  expect((await run(`SHOW JOBS FOR SCHEDULE ${second}`)).rows.map(([id]) => String(id))).toEqual([other]);
});

test('a statement that cannot be carried out changes nothing', async () => {
  const create = "CREATE SCHEDULE FOR BACKUP DATABASE shop INTO 'nodelocal:///all' RECURRING";
  expect(await refuseSql(app, `${create} '99 * * * *'`)).toMatchObject({
    sqlState: '22023',
    message: expect.stringContaining('"99 * * * *" is not a cron expression'),
  });
  expect(await refuseSql(app, `${create} '@daily' WITH SCHEDULE OPTIONS first_run = 'now'`)).toMatchObject({
    sqlState: '0A000',
    message: expect.stringContaining('has no option "first_run"'),
  });
  expect(await refuseSql(app, `${create} '@daily' WITH SCHEDULE OPTIONS full_every = 3000000000`)).toMatchObject({
    sqlState: '22023',
    message: expect.stringContaining('fullEvery 3000000000 must be at most 1000'),
  });
  const fixed = "CREATE SCHEDULE FOR BACKUP DATABASE shop TO 'nodelocal:///same' RECURRING '@daily'";
  expect(await refuseSql(app, fixed)).toMatchObject({
    sqlState: '22023',
    message: expect.stringContaining('"nodelocal:///same" must contain {date}, {time} or {run}'),
  });
  expect((await run('SHOW SCHEDULES', 'ben')).rows).toEqual([]);
});
