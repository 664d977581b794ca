/** Schedules through the API, with a clock that the test moves. The server looks for due runs every second. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { defineKind } from '../../src/jobs/define.ts';
import { type Failure, startApp, type TestApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';
import { setPrivileges } from '../support/live-query.ts';
import { scriptedKind } from '../support/scripted.ts';

const HOUR = 60 * 60_000;

let clock = Date.parse('2026-12-01T00:00:00Z');
let app: TestApp;
const { kind, script } = scriptedKind();
/** The passwords with which its jobs ran. */
const passwords: string[] = [];
const secretive = defineKind({
  name: 'LOGIN',
  input: z.object({ password: z.string().meta({ secret: true }), url: z.string() }),
  run: async function* ({ input }) {
    yield { checkpoint: null };
    passwords.push(`${input.password} ${input.url}`);
  },
});

const send = async (query: string, user = 'root'): Promise<{ data: never; error: Failure | undefined }> => {
  const { data, errors } = await app.send({ query }, user);
  return { data: data as never, error: errors?.[0] };
};
const SCHEDULE = `id name userName cron timeZone overlap onMissed fullEvery paused type typeName inputJson nextRunAt
  lastRunAt lastError jobs { nodes { id status userName schedule { id } } }`;
interface Shown {
  readonly id: string;
  readonly nextRunAt: string | null;
  readonly lastRunAt: string | null;
  readonly lastError: string | null;
  readonly inputJson: unknown;
  readonly jobs: { readonly nodes: readonly { readonly id: string; readonly status: string }[] };
}
const create = async (cron: string, job: string, more = '', user = 'root') =>
  send(
    `mutation { createSchedule(input: { name: "s", cron: "${cron}", job: ${job} ${more} }) { schedule { ${SCHEDULE} } } }`,
    user,
  );
const created = async (...args: Parameters<typeof create>): Promise<Shown> => {
  const { data, error } = await create(...args);
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return (data as { createSchedule: { schedule: Shown } }).createSchedule.schedule;
};
const show = async (id: string): Promise<Shown> => {
  const { data } = await send(`{ node(id: "${id}") { ... on Schedule { ${SCHEDULE} } } }`);
  return (data as { node: Shown }).node;
};
const scripted = (name: string) => `{ job: { typeName: "SCRIPTED", input: { name: "${name}" } } }`;
interface Change {
  readonly jobId: string;
  readonly to: string;
  readonly job: { readonly schedule: { readonly id: string } | null } | null;
}
const seen: Change[] = [];
let stream: AsyncIterableIterator<{ readonly data?: unknown }>;
/** Waits for a change, now or in those that were seen already; each is found once. */
const find = async (isWanted: (change: Change) => boolean): Promise<Change> => {
  for (;;) {
    const at = seen.findIndex(isWanted);
    if (at !== -1) return seen.splice(at, 1)[0] as Change;
    const { value, done } = await stream.next();
    if (done === true) throw new Error('the stream has ended');
    seen.push((value.data as { jobStatusChanged: Change }).jobStatusChanged);
  }
};
/** Moves the clock, and waits for the job of the schedule. */
const runAt = async ({ id }: Pick<Shown, 'id'>, at: number): Promise<string> => {
  clock = Math.max(clock, at);
  return (await find(({ to, job }) => to === 'PENDING' && job?.schedule?.id === id)).jobId;
};
const ends = async (jobId: string): Promise<string> =>
  (await find((change) => change.jobId === jobId && /SUCCEEDED|FAILED|CANCELED/.test(change.to))).to;
const timeOf = ({ nextRunAt }: Shown) => Date.parse(String(nextRunAt));
/** A run that is refused creates no job, and so no event. */
const refusal = async (id: string, at: number, reason: RegExp) => {
  clock = Math.max(clock, at);
  await expect.poll(async () => (await show(id)).lastError, { timeout: 10_000, interval: 100 }).toMatch(reason);
};

beforeAll(async () => {
  app = await startApp({ kinds: [kind, secretive], settings: { WORKERS: '4' }, now: () => clock });
  const query = 'subscription { jobStatusChanged { jobId to job { schedule { id } } } }';
  stream = app.connect().iterate({ query }) as typeof stream;
  await send('mutation { createDatabase(input: { name: "shop" }) { database { name } } }');
  const file = new Database(join(app.dataDir, 'databases', 'shop.db'));
  file.exec("CREATE TABLE sold (id INTEGER PRIMARY KEY, what TEXT); INSERT INTO sold (what) VALUES ('a'), ('b')");
  file.close();
  // The stream has begun once it brings something.
  const { id } = await app.create('SCRIPTED', { name: 'first' }, 'root');
  script('first').act('finish');
  await ends(id);
});
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
});

test.each([
  ['61 * * * *', scripted('x'), '', 'input.cron', 'input.cron "61 * * * *" is not a cron expression'],
  ['0 0 30 2 *', scripted('x'), '', 'input.cron', 'input.cron "0 0 30 2 *" matches no time'],
  ['@daily', scripted('x'), ', timeZone: "Mars/X"', 'input.timeZone', 'input.timeZone "Mars/X" is not a time zone'],
  ['@daily', '{ job: { typeName: "NONE", input: {} } }', '', 'input.job.job.typeName', '"NONE" is no kind'],
  ['@daily', '{ job: { typeName: "CHANGEFEED", input: {} } }', '', 'input.job.job.typeName', 'cannot be scheduled'],
  [
    '@daily',
    '{ backup: { backup: { database: "none", destination: "nodelocal:///n/{date}" } } }',
    '',
    'input.job.backup.backup.database',
    'none',
  ],
  [
    '@daily',
    '{ backup: { backup: { database: "shop", destination: "nodelocal:///n/{date}" }, fullEvery: 0 } }',
    '',
    'input.job.backup.fullEvery',
    'input.job.backup.fullEvery 0 must be at least 1',
  ],
  [
    '@daily',
    '{ backup: { backup: { database: "shop", destination: "nodelocal:///n/{date}" }, fullEvery: 1001 } }',
    '',
    'input.job.backup.fullEvery',
    'input.job.backup.fullEvery 1001 must be at most 1000',
  ],
  [
    '@daily',
    '{ backup: { backup: { database: "shop", destination: "nodelocal:///n/same" } } }',
    '',
    'input.job.backup.backup.destination',
    'input.job.backup.backup.destination "nodelocal:///n/same" must contain {date}, {time} or {run}',
  ],
  [
    '@daily',
    '{ restore: { source: "nodelocal:///nothing", database: "x", verifyOnly: true } }',
    '',
    'input.job.restore.source',
    'nothing',
  ],
  [
    '@daily',
    '{ job: { typeName: "SCRIPTED", input: { name: "x" }, idempotencyKey: "k" } }',
    '',
    'input.job.job.idempotencyKey',
    'cannot be given',
  ],
])('%s %s %s is refused, naming %s', async (cron, job, more, field, message) => {
  const { error } = await create(cron, job, more);
  expect(error).toMatchObject({
    message: expect.stringContaining(message),
    extensions: { code: 'BAD_USER_INPUT', field },
  });
  expect((await send('{ schedules { id } }')).data).toEqual({ schedules: [] });
});

test('the nightly backup and the weekly check of docs/schedules.md', async () => {
  const text = readFileSync('docs/schedules.md', 'utf8');
  const [backup = '', verify = '', list = ''] = [...text.matchAll(/```graphql\n(.*?)```/gs)].map(([, code]) => code);
  clock = Date.parse('2026-12-05T12:00:00Z');
  const ids: string[] = [];
  for (const query of [backup, verify]) {
    const { data, error } = await send(query);
    expect(error).toBeUndefined();
    ids.push((data as { createSchedule: { schedule: Shown } }).createSchedule.schedule.id);
  }
  const [nightly = '', weekly = ''] = ids;
  // Sunday.
  const first = await runAt({ id: nightly }, Date.parse('2026-12-06T01:30:00Z'));
  expect(await ends(first)).toBe('SUCCEEDED');
  const check = await runAt({ id: weekly }, Date.parse('2026-12-06T05:00:00Z'));
  expect(await ends(check)).toBe('SUCCEEDED');
  const second = await runAt({ id: nightly }, Date.parse('2026-12-07T01:30:00Z'));
  expect(await ends(second)).toBe('SUCCEEDED');
  const backups = await send('{ backups(url: "nodelocal:///nightly") { nodes { url incrementalFrom complete } } }');
  expect(backups.data).toEqual({
    backups: {
      nodes: [
        { url: 'nodelocal:///nightly/2026-12-07', incrementalFrom: 'nodelocal:///nightly/2026-12-06', complete: true },
        { url: 'nodelocal:///nightly/2026-12-06', incrementalFrom: null, complete: true },
      ],
    },
  });
  const listed = (await send(list)).data as { schedules: (Shown & { name: string })[] };
  expect(listed.schedules).toMatchObject([
    { name: 'nightly backup', lastError: null, jobs: { nodes: [{ id: second, status: 'SUCCEEDED' }] } },
    { name: 'weekly verify', lastError: null, jobs: { nodes: [{ id: check, status: 'SUCCEEDED' }] } },
  ]);
  const databases = await send('{ databases { name } }');
  expect(databases.data).toEqual({ databases: [{ name: 'shop' }] });
  for (const id of ids) await send(`mutation { deleteSchedule(input: { id: "${id}" }) { id } }`);
});

test('backups are full and incremental in turn, and those that no other needs are removed', async () => {
  const destination = 'nodelocal:///hourly/{date}-{time}-{run}';
  const job = `{ backup: { fullEvery: 2, backup: { database: "shop", destination: "${destination}", keep: 2 } } }`;
  const schedule = await created('0 * * * *', job);
  expect(schedule).toMatchObject({ fullEvery: 2, type: 'BACKUP', inputJson: { destination, keep: 2 } });
  for (let hour = 0; hour < 5; hour += 1) {
    expect(await ends(await runAt(schedule, timeOf(schedule) + hour * HOUR))).toBe('SUCCEEDED');
  }
  const { data } = await send('{ backups(url: "nodelocal:///hourly") { nodes { url incrementalFrom } } }');
  const chain = (data as { backups: { nodes: { url: string; incrementalFrom: string | null }[] } }).backups.nodes;
  expect(chain.map(({ url, incrementalFrom }) => [url.at(-1), incrementalFrom?.at(-1) ?? null])).toEqual([
    ['5', null],
    ['4', '3'],
    ['3', null],
  ]);
  await send(`mutation { deleteSchedule(input: { id: "${schedule.id}" }) { id } }`);
});

test('secrets of a job are sealed, shown nowhere, and there at each run', async () => {
  const input = '{ password: "opensesame", url: "https://{date}.example" }';
  const schedule = await created('0 * * * *', `{ job: { typeName: "LOGIN", input: ${input} } }`);
  expect(schedule.inputJson).toEqual({ password: 'redacted', url: 'https://{date}.example' });
  const job = await runAt(schedule, timeOf(schedule));
  expect(await ends(job)).toBe('SUCCEEDED');
  const date = new Date(timeOf(schedule)).toISOString().slice(0, 10);
  expect(passwords).toEqual([`opensesame https://${date}.example`]);
  expect(
    JSON.stringify(await send(`{ jobs { nodes { inputJson } } auditEvents { nodes { after before } } }`)),
  ).not.toContain('opensesame');
  for (const name of readdirSync(app.dataDir).filter((file) => file.startsWith('signalbox.db'))) {
    expect([name, readFileSync(join(app.dataDir, name)).includes('opensesame')]).toEqual([name, false]);
  }
  await send(`mutation { deleteSchedule(input: { id: "${schedule.id}" }) { id } }`);
});

test('a schedule is changed, paused, resumed, run and deleted, and the audit log has it all', async () => {
  const schedule = await created('0 * * * *', scripted('steps'), ', idempotencyKey: "once"');
  expect((await created('0 * * * *', scripted('steps'), ', idempotencyKey: "once"')).id).toBe(schedule.id);
  expect((await create('1 * * * *', scripted('steps'), ', idempotencyKey: "once"')).error?.extensions.code).toBe(
    'IDEMPOTENCY_CONFLICT',
  );
  const update = `mutation { updateSchedule(input: { id: "${schedule.id}", cron: "30 4 * * *", timeZone: "Asia/Tokyo", overlap: QUEUE }) { schedule { ${SCHEDULE} } } }`;
  const { data } = await send(update);
  const updated = (data as { updateSchedule: { schedule: Shown } }).updateSchedule.schedule;
  expect(updated).toMatchObject({ name: 's', overlap: 'QUEUE', inputJson: { name: 'steps' }, onMissed: 'ONCE' });
  expect(String(updated.nextRunAt)).toMatch(/T19:30:00/);
  const paused = await send(
    `mutation { pauseSchedules(ids: ["${schedule.id}", "77", "${schedule.id}"]) { schedules { id paused nextRunAt } refusals { id code message } } }`,
  );
  expect(paused.data).toEqual({
    pauseSchedules: {
      schedules: [{ id: schedule.id, paused: true, nextRunAt: null }],
      refusals: [{ id: '77', code: 'NOT_FOUND', message: 'schedule with ID 77 does not exist' }],
    },
  });
  const run = `mutation { runSchedule(id: "${schedule.id}") { created job { id userName schedule { id } } } }`;
  const first = (await send(run)).data as { runSchedule: { created: boolean; job: { id: string } } };
  expect(first.runSchedule).toMatchObject({ created: true, job: { userName: 'root', schedule: { id: schedule.id } } });
  expect((await send(run)).error).toMatchObject({
    message: `schedule ${schedule.id} has a job that has not ended: wait for job ${first.runSchedule.job.id}, or cancel it`,
    extensions: { code: 'CONFLICT' },
  });
  script('steps').act('finish');
  expect(await ends(first.runSchedule.job.id)).toBe('SUCCEEDED');
  const resumed = await send(
    `mutation { resumeSchedules(ids: ["${schedule.id}"]) { schedules { paused nextRunAt } } }`,
  );
  expect(resumed.data).toEqual({ resumeSchedules: { schedules: [{ paused: false, nextRunAt: updated.nextRunAt }] } });
  await send(`mutation { deleteSchedule(input: { id: "${schedule.id}" }) { id } }`);
  expect(await show(schedule.id)).toBeNull();
  const job = await send(`{ job(id: "${first.runSchedule.job.id}") { status schedule { id } } }`);
  expect(job.data).toEqual({ job: { status: 'SUCCEEDED', schedule: null } });
  const audit = await send(
    `{ auditEvents(where: { target: { equals: "${schedule.id}" } }) { nodes { action actor { name } } } }`,
  );
  const { nodes } = (audit.data as { auditEvents: { nodes: { action: string }[] } }).auditEvents;
  expect(nodes.map(({ action }) => action)).toEqual([
    'createSchedule',
    'updateSchedule',
    'pauseSchedules',
    'runSchedule',
    'resumeSchedules',
    'deleteSchedule',
  ]);
});

test('a schedule runs with what its owner may do at that time, and ends with its owner', async () => {
  await addUser(app, 'nora', { privileges: ['CREATEJOB'], databases: { names: ['shop'] }, files: { folder: 'nora' } });
  await addUser(app, 'vic', { privileges: ['VIEWJOB'] });
  await addUser(app, 'cleo', { privileges: ['CONTROLJOB', 'CREATEJOB'] });
  expect((await create('@daily', scripted('x'), '', 'vic')).error?.extensions.code).toBe('FORBIDDEN');
  const job = '{ backup: { backup: { database: "shop", destination: "nodelocal:///nora/{date}-{time}" } } }';
  const schedule = await created('0 * * * *', job, '', 'nora');
  const done = await runAt(schedule, timeOf(schedule));
  expect(await ends(done)).toBe('SUCCEEDED');
  expect((await show(schedule.id)).jobs.nodes).toMatchObject([{ id: done, userName: 'nora' }]);

  // Those who see the jobs of nora see it; those who control them manage it, but do not decide what runs as nora.
  expect((await send('{ schedules { id } }', 'vic')).data).toEqual({ schedules: [{ id: schedule.id }] });
  const pause = `mutation { pauseSchedules(ids: ["${schedule.id}"]) { schedules { id } refusals { code } } }`;
  expect((await send(pause, 'vic')).data).toEqual({
    pauseSchedules: { schedules: [], refusals: [{ code: 'FORBIDDEN' }] },
  });
  const change = `mutation { updateSchedule(input: { id: "${schedule.id}", job: ${scripted('other')} }) { schedule { id } } }`;
  expect((await send(change, 'cleo')).error?.extensions.code).toBe('FORBIDDEN');
  const rename = `mutation { updateSchedule(input: { id: "${schedule.id}", name: "n" }) { schedule { name } } }`;
  expect((await send(rename, 'cleo')).data).toEqual({ updateSchedule: { schedule: { name: 'n' } } });

  await setPrivileges(app, 'nora', []);
  await refusal(schedule.id, timeOf(schedule) + HOUR, /user nora does not have the privilege CREATEJOB/);
  await send(
    'mutation { updateUser(input: { name: "nora", privileges: [CREATEJOB], databases: { names: [] } }) { user { name } } }',
  );
  await refusal(schedule.id, timeOf(schedule) + 2 * HOUR, /database "shop" does not exist|not granted/);
  await send(
    'mutation { updateUser(input: { name: "nora", databases: { names: ["shop"] }, files: { folder: "else" } }) { user { name } } }',
  );
  await refusal(schedule.id, timeOf(schedule) + 3 * HOUR, /nora/);
  expect((await show(schedule.id)).jobs.nodes).toHaveLength(1);
  await send('mutation { deleteUser(input: { name: "nora" }) { name } }');
  expect(await show(schedule.id)).toBeNull();
});
