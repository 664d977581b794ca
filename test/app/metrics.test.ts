import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { order } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';

const read = async (app: TestApp, headers: Record<string, string> = {}) => {
  const response = await fetch(app.url.replace('/graphql', '/metrics'), { headers });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
};

/** The values by series, such as `signalbox_jobs{type="IMPORT",status="PAUSED"}`. */
const valuesOf = (text: string) =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const),
  );

const COUNTERS = (rows: number, bytes: number) => ({ counters: { rows, bytes } });

/** One job that has succeeded, one that has failed, one that is paused and one that waits for a slot. */
const startFour = async (settings: Readonly<Record<string, string>> = {}) => {
  const logLines: string[] = [];
  const scene = await startScripted({ logLines, settings: { WORKERS: '1', SQL_PORT: '0', ...settings } });
  const { changes, script, start, create } = scene;
  const good = await start('good');
  script('good').act({ checkpoint: 1, ...COUNTERS(10, 100) }, { checkpoint: 2, ...COUNTERS(30, 300) }, 'finish');
  await changes.ends(good);
  const bad = await start('bad');
  script('bad').act(new Error('the disk is on fire'), 'finish');
  await changes.ends(bad);
  const paused = await start('paused');
  await order(scene.app, 'PAUSE', [paused]);
  await changes.reaches(paused, 'PAUSED');
  const running = await start('running');
  const pending = await create('pending');
  return { ...scene, logLines, good, bad, paused, running, pending };
};

test('metrics count what this server does, and what is in the job store', async () => {
  await using scene = await startFour();
  await scene.app.send({ query: 'mutation { revokeToken(id: "none") { id } }' });
  const { status, type, text } = await read(scene.app);
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  const values = valuesOf(text);
  const wanted: Readonly<Record<string, number>> = {
    'signalbox_jobs{type="CUSTOM",status="PENDING"}': 1,
    'signalbox_jobs{type="CUSTOM",status="PAUSED"}': 1,
    'signalbox_jobs{type="CUSTOM",status="RUNNING"}': 1,
    'signalbox_jobs{type="CUSTOM",status="FAILED"}': 1,
    'signalbox_jobs{type="IMPORT",status="FAILED"}': 0,
    'signalbox_jobs_created_total{kind="SCRIPTED"}': 5,
    'signalbox_jobs_ended_total{kind="SCRIPTED",status="SUCCEEDED"}': 1,
    'signalbox_jobs_ended_total{kind="SCRIPTED",status="FAILED"}': 1,
    'signalbox_jobs_ended_total{kind="IMPORT",status="FAILED"}': 0,
    'signalbox_job_rows_total{kind="SCRIPTED"}': 30,
    'signalbox_job_bytes_total{kind="SCRIPTED"}': 300,
    'signalbox_job_claims_total{kind="SCRIPTED",task="run"}': 4,
    'signalbox_job_claims_total{kind="SCRIPTED",task="revert"}': 1,
    'signalbox_running_jobs{kind="SCRIPTED"}': 1,
    'signalbox_command_jobs_total{command="PAUSE",result="changed"}': 1,
    'signalbox_job_run_seconds_count{kind="SCRIPTED",report="finished"}': 1,
    'signalbox_graphql_errors_total{code="NOT_FOUND"}': 1,
    signalbox_worker_slots: 1,
    signalbox_websockets: 1,
    signalbox_subscriptions: 1,
    signalbox_sql_connections: 0,
    'signalbox_graphql_operation_seconds_count{operation="mutation",field="pauseJobs"}': 1,
  };
  expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, values.get(name)]))).toEqual(wanted);
  for (const name of ['signalbox_oldest_pending_job_age_seconds', 'signalbox_oldest_paused_job_seconds']) {
    expect(values.get(name)).toBeGreaterThanOrEqual(0);
  }
  for (const name of ['signalbox_store_bytes', 'signalbox_data_free_bytes', 'signalbox_websocket_messages_total']) {
    expect(values.get(name)).toBeGreaterThan(0);
  }
  expect(values.get('signalbox_store_collection_failures_total')).toBe(0);
  expect(text).not.toMatch(/disk is on fire|paused"/);
});

test('every metric that the dashboard and the alert rules name exists', async () => {
  await using scene = await startFour();
  const { text } = await read(scene.app);
  const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const dashboard = JSON.parse(readFileSync('docs/monitoring/grafana-dashboard.json', 'utf8')) as {
    panels: { targets: { expr: string }[] }[];
  };
  const rules = [...readFileSync('docs/monitoring/alerts.yml', 'utf8').matchAll(/^ +expr: (.*)$/gm)].map(([, e]) => e);
  const expressions = [...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...rules];
  expect(expressions.length).toBeGreaterThan(30);
  const named = expressions.flatMap((expression = '') => expression.match(/\b(signalbox|nodejs|process)_\w+/g) ?? []);
  expect(named.filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')))).toEqual([]);
  const own = [...known].filter((name) => name?.startsWith('signalbox_') && name !== 'signalbox_build_info');
  const shown = named.map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  // What is measured is shown, but for the number of commands, which is that of their jobs.
  expect(own.filter((name) => name !== 'signalbox_commands_total' && !shown.includes(name ?? ''))).toEqual([]);
});

test('without METRICS_TOKEN only this machine reads them, and with it only who has the token', async () => {
  await using open = await startScripted();
  expect((await read(open.app)).status).toBe(200);
  expect(await read(open.app, { 'x-forwarded-for': '192.0.2.1' })).toMatchObject({ status: 403 });
  const token = 'a token for prometheus';
  await using closed = await startScripted({ settings: { METRICS_TOKEN: token } });
  const refused = await read(closed.app);
  expect(refused).toMatchObject({ status: 401, text: 'authorization: the token of METRICS_TOKEN is needed\n' });
  expect((await read(closed.app, { authorization: `Bearer ${token}x` })).status).toBe(401);
  const passed = { authorization: `Bearer ${token}`, 'x-forwarded-for': '192.0.2.1' };
  expect((await read(closed.app, passed)).status).toBe(200);
});

test('the log names who created and controlled jobs, and why a job has failed', async () => {
  await using scene = await startFour();
  const { bad, paused, logLines } = scene;
  // The line is written once the job has been read, after the job has ended.
  await expect.poll(() => logLines.some((line) => line.includes('a job failed'))).toBe(true);
  const lines = logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter(({ msg }) => msg === 'a job failed')).toMatchObject([
    { level: 50, jobId: bad, type: 'SCRIPTED', database: null, user: 'root', reason: 'the disk is on fire' },
  ]);
  expect(lines.filter(({ msg, jobId }) => msg === 'a job was created' && jobId === bad)).toMatchObject([
    { level: 30, type: 'SCRIPTED', user: 'root' },
  ]);
  expect(lines.filter(({ msg }) => msg === 'a command was executed')).toMatchObject([
    { level: 30, command: 'PAUSE', user: 'root', changed: 1, unchanged: 0, refused: 0, jobIds: [paused] },
  ]);
  expect(lines.filter(({ level, msg }) => Number(level) >= 50 && msg !== 'a job failed')).toEqual([]);
});
