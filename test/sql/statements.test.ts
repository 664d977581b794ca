import { expect, test } from 'vitest';
import { addUser } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';
import { executeSql, refuseSql } from './execute.ts';
import { SEED_ID, SEEDS } from './seeds.ts';

/** One job of maxroach that runs, one of root. */
const startTwo = async () => {
  const scene = await startScripted();
  await addUser(scene.app, 'maxroach', { privileges: ['CREATEJOB'] });
  const { id: his } = await scene.app.create('SCRIPTED', { name: 'his' }, 'maxroach');
  const own = await scene.start('own');
  await scene.changes.reaches(his, 'RUNNING');
  return { ...scene, his, own };
};

test('the statements of the documentation work as they are written there', async () => {
  const { app, changes, his, own, ...scene } = await startTwo();
  await using _ = { [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
  const shown = await executeSql(app, SEEDS.show);
  expect(shown.tag).toBe('SHOW 2');
  expect(shown.rows.map(([id]) => String(id)).toSorted()).toEqual([his, own].toSorted());
  expect((await executeSql(app, SEEDS.many.PAUSE)).tag).toBe('PAUSE JOBS 1');
  await changes.reaches(his, 'PAUSED');
  expect(await executeSql(app, SEEDS.many.PAUSE)).toMatchObject({ tag: 'PAUSE JOBS 1', notices: [] });
  expect((await executeSql(app, SEEDS.many.RESUME)).tag).toBe('RESUME JOBS 1');
  await changes.reaches(his, 'RUNNING', 2);
  for (const command of ['PAUSE', 'RESUME', 'CANCEL'] as const) {
    expect(await refuseSql(app, SEEDS.one[command])).toMatchObject({
      message: `job with ID ${SEED_ID} does not exist`,
      sqlState: '42704',
    });
    expect((await executeSql(app, SEEDS.one[command].replace(SEED_ID, own))).tag).toBe(`${command} JOBS 1`);
  }
  expect((await executeSql(app, SEEDS.many.CANCEL)).tag).toBe('CANCEL JOBS 1');
  await changes.reaches(his, 'REVERTING');
  scene.script('his').act('finish');
  await changes.ends(his);
  expect(changes.statusesOf(his)).toEqual([
    'PENDING',
    'RUNNING',
    'PAUSE_REQUESTED',
    'PAUSED',
    'PENDING',
    'RUNNING',
    'CANCEL_REQUESTED',
    'REVERTING',
    'CANCELED',
  ]);
  expect(await executeSql(app, SEEDS.many.PAUSE)).toMatchObject({
    tag: 'PAUSE JOBS 0',
    notices: [{ message: `cannot pause canceled job ${his}`, sqlState: '55000' }],
  });
});

test('EXPLAIN and WITH OUTCOMES answer a row for each job, and EXPLAIN changes nothing', async () => {
  const { app, changes, his, own, ...scene } = await startTwo();
  await using _ = { [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
  const rows = [
    [Number(his), 'changed', null, 'running to pause-requested'],
    [Number(own), 'changed', null, 'running to pause-requested'],
  ];
  const explained = await executeSql(app, 'EXPLAIN PAUSE JOBS (SELECT job_id FROM [SHOW JOBS])');
  expect(explained.rows).toEqual(rows);
  const ids = `(VALUES (${his}), ($1), (${SEED_ID}))`;
  const outcome = await executeSql(app, `PAUSE JOBS ${ids} WITH REASON = 'because', OUTCOMES`, [own]);
  expect(
    outcome.rows.toSorted(([one], [other]) => Number(one === Number(SEED_ID)) - Number(other === Number(SEED_ID))),
  ).toEqual([...rows, [Number(SEED_ID), 'refused', 'NOT_FOUND', `job with ID ${SEED_ID} does not exist`]]);
  expect(outcome.tag).toBe('PAUSE JOBS 2');
  await changes.reaches(his, 'PAUSED');
  await changes.reaches(own, 'PAUSED');
  expect(changes.statusesOf(own)).toEqual(['PENDING', 'RUNNING', 'PAUSE_REQUESTED', 'PAUSED']);
});

/** Statements that are wrong: the SQLSTATE, the position, and a part of the message. */
const WRONG: readonly (readonly [string, string, number | undefined, RegExp, (readonly unknown[])?])[] = [
  [
    'PAUSE JOBS (SELECT job_id, status FROM [SHOW JOBS])',
    '42601',
    undefined,
    /expects a single column source, got 2 columns/,
  ],
  ['PAUSE JOBS (SELECT * FROM [SHOW JOBS])', '42601', undefined, /got 13 columns/],
  ['PAUSE JOBS (SELECT user_name FROM [SHOW JOBS])', '22P02', undefined, /expects the ids of jobs/],
  ["PAUSE JOB 'abc'", '22P02', 11, /invalid input syntax for type bigint: "abc"/],
  ['PAUSE JOB 99999999999999999999', '22003', 11, /out of range/],
  ['PAUSE JOB 1.5', '22P02', 11, /bigint/],
  ['PAUSE JOB 1 WITH SPEED', '42601', 18, /unknown option "SPEED"/],
  ['PAUSE ALL FOO JOBS', '42601', 11, /"FOO" is not a type of job/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] JOIN x ON true)', '0A000', 32, /JOIN/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS], [SHOW JOBS])', '0A000', undefined, /more than one table/],
  [
    "PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE lower(user_name) = 'x')",
    '0A000',
    50,
    /without a column|this expression/,
  ],
  ['PAUSE JOBS (SELECT count(job_id) FROM [SHOW JOBS])', '42883', 20, /function count/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE created > pg_sleep(9))', '42883', 60, /pg_sleep/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] LIMIT 1)', '0A000', undefined, /LIMIT/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] ORDER BY 1)', '0A000', undefined, /ORDER BY/],
  ['PAUSE JOBS (SELECT job_id FROM jobs)', '42P01', 32, /relation "jobs" does not exist/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE nope = 1)', '42703', 50, /column "nope" does not exist/],
  ["PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE 'é' = nope)", '42703', 56, /column "nope" does not exist/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE user_name = 5)', '42883', 62, /cannot be compared/],
  ["PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE status = 'busy')", '22P02', 59, /invalid status "busy"/],
  ["PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE created > 'soon')", '22P02', 60, /timestamp/],
  ['RESUME JOB abc', '22P02', 12, /invalid input syntax for type bigint: "abc"/],
  ['SHOW JOB "no number"', '22P02', 10, /invalid input syntax for type bigint: "no number"/],
  ['SHOW JOB WHEN COMPLETE abc', '22P02', 24, /bigint: "abc"/],
  ["CANCEL JOB WITH REASON = 'x'", '42601', 12, /at or near "WITH"/],
  ['CANCEL JOB', '42601', 11, /end of input/],
  [
    "PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE created LIKE '2%')",
    '0A000',
    58,
    /LIKE is not supported for column created/,
  ],
  ["PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE status LIKE 'p\\')", '22023', 62, /ends with a backslash/],
  [
    "PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE job_id = ANY('1,2'))",
    '22P02',
    63,
    /malformed array literal: "1,2"/,
  ],
  ["PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE job_id = ANY('{1,x}'))", '22P02', 63, /bigint: "x"/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE job_id = ANY($1))', '22P02', 63, /must be a int8\[\]/, [{}]],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE job_id = ANY(job_id))', '0A000', 57, /two columns/],
  ["PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE user_name = '{a}'::text[])", '0A000', 67, /text\[\]/],
  ["PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE description < 'p')", '0A000', 62, /operator </],
  ["PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE running_status = 'p')", '0A000', 65, /cannot be compared/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE job_id IN (SELECT 1))', '0A000', 57, /subquery/],
  ['PAUSE JOB 1; PAUSE JOB 2', '42601', 14, /only one statement/],
  ["PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE user_name = 'x", '42601', 62, /unterminated quoted string/],
  ['PAUSE JOBS (SELECT job_id FROM "[SHOW JOBS]")', '42P01', 32, /does not exist/],
  ['PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE (user_name = 1', '42601', 64, /end of input/],
  ['PAUSE JOB 1\0', '22021', 12, /invalid byte sequence/],
  ['PAUSE JOB $1', '42P02', 11, /no parameter \$1/],
  ['PAUSE JOB $1', '22P02', 11, /must be a int8/, [{}]],
  ['PAUSE JOB $1', '22P02', 11, /bigint/, [true]],
  ["PAUSE SCHEDULES (SELECT id FROM [SHOW SCHEDULES] WHERE label LIKE 'a')", '0A000', 56, /by = or <>/],
  [
    "CREATE SCHEDULE FOR BACKUP DATABASE d INTO 'x' RECURRING '@daily' FULL BACKUP '@weekly'",
    '0A000',
    79,
    /full_every/,
  ],
  ["BACKUP DATABASE x TO 'nodelocal:///b' AS OF SYSTEM TIME '-10s'", '0A000', 39, /AS OF SYSTEM TIME is not supported/],
  ['SHOW TABLES', '0A000', 6, /SHOW TABLES is not supported/],
  ['SELECT status, count(*) FROM [SHOW JOBS] GROUP BY 1 HAVING count(*) > 1', '0A000', 60, /HAVING is not supported/],
  ['SELECT DISTINCT status FROM [SHOW JOBS]', '0A000', 17, /DISTINCT is not supported/],
  ['INSERT INTO jobs VALUES (1)', '0A000', 1, /INSERT is not supported/],
  ['HALT JOB 1', '42601', 1, /syntax error at or near "HALT"/],
  ['SHOW JOBS WHEN COMPLETE (SELECT job_id FROM [SHOW JOBS])', '0A000', undefined, /subscription jobsCompleted/],
  ['SET signalbox.dry_run = on', '0A000', undefined, /no effect here/],
  [`SELECT ${'('.repeat(60)}1${')'.repeat(60)}`, '54001', 58, /nested too deeply/],
];

test('a statement that is wrong gets a SQLSTATE and a position, and nothing happens', async () => {
  const { app, changes, own, his, ...scene } = await startTwo();
  await using _ = { [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
  for (const [sql, sqlState, position, message, parameters] of WRONG) {
    const refused = await refuseSql(app, sql, parameters);
    expect([sql.slice(0, 100), refused.sqlState, refused.position]).toEqual([sql.slice(0, 100), sqlState, position]);
    expect(refused.message).toMatch(message);
  }
  expect((await executeSql(app, 'SELECT status, count(*) FROM [SHOW JOBS] GROUP BY 1')).rows).toEqual([['running', 2]]);
  expect(changes.statusesOf(own)).toEqual(['PENDING', 'RUNNING']);
  expect(changes.statusesOf(his)).toEqual(['PENDING', 'RUNNING']);
});

test('a text or comment with a statement in it stays a text or comment', async () => {
  const { app, ...scene } = await startTwo();
  await using _ = { [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
  const where = `description IN ('[SHOW JOBS]', E'it\\'s (SHOW JOBS)', $$; PAUSE JOB 1$$) /* ; [SHOW /* x */ JOBS] */ -- ;`;
  expect((await executeSql(app, `SELECT count(*) FROM [ SHOW\n JOBS ] WHERE ${where}`)).rows).toEqual([[0]]);
});

test('a query reads columns, counts, groups and orders', async () => {
  const { app, own, his, ...scene } = await startTwo();
  await using _ = { [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
  const rowsOf = async (sql: string, parameters: readonly unknown[] = []) =>
    (await executeSql(app, sql, parameters)).rows;
  expect(
    await rowsOf('SELECT job_id AS id, user_name FROM crdb_internal.jobs j WHERE j.status = $1 ORDER BY 2 DESC', [
      'running',
    ]),
  ).toEqual([
    [Number(own), 'root'],
    [Number(his), 'maxroach'],
  ]);
  expect(
    await rowsOf('WITH x AS (SHOW JOBS) SELECT user_name, count(*) FROM x GROUP BY user_name ORDER BY count(*), 1'),
  ).toEqual([
    ['maxroach', 1],
    ['root', 1],
  ]);
  expect(
    await rowsOf("SELECT count(*) FROM [SHOW JOBS] WHERE created > now() - INTERVAL '1 hour' AND finished IS NULL"),
  ).toEqual([[2]]);
  expect(await rowsOf('SELECT job_id FROM [SHOW JOBS] ORDER BY job_id LIMIT 1 OFFSET 1')).toEqual([
    [Math.max(Number(own), Number(his))],
  ]);
  expect(await rowsOf("SELECT job_id FROM [SHOW JOBS] WHERE error <> 'x'")).toEqual([]);
  expect(await rowsOf("SELECT job_id FROM [SHOW JOBS] WHERE NOT (error = 'x' AND user_name = 'root')")).toEqual([
    [Number(his)],
  ]);
  const first = await executeSql(app, 'SHOW JOBS');
  expect(first.truncated).toBe(false);
});

test('arrays and patterns of every text column select as SQL has it', async () => {
  const { app, own, his, ...scene } = await startTwo();
  await using _ = { [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
  const select = async (where: string, parameters: readonly unknown[] = []) =>
    (await executeSql(app, `SELECT job_id FROM [SHOW JOBS] WHERE ${where} ORDER BY 1`, parameters)).rows
      .flat()
      .map(String);
  const both = [his, own].toSorted((one, other) => Number(one) - Number(other));
  expect(await select(`job_id = ANY('{${own}, NULL}')`)).toEqual([own]);
  expect(await select(`job_id = ANY('{${own}}'::bigint[]) AND user_name = ANY(ARRAY['root', 'a"b'])`)).toEqual([own]);
  expect(await select('job_id = ANY($1)', [[Number(his), own]])).toEqual(both);
  expect(await select('job_id = ANY($1::int8[])', [`{"${his}"}`])).toEqual([his]);
  expect(await select('job_id = ANY($1)', [null])).toEqual([]);
  expect(await select(`job_id <> ALL('{${own}}')`)).toEqual([his]);
  expect(await select("job_id <> ALL('{}')")).toEqual(both);
  expect(await select("job_id = ANY('{}')")).toEqual([]);
  expect(await select(`job_id <> ALL('{${own}, NULL}')`)).toEqual([]);
  expect(await select(`NOT job_id >= ANY(ARRAY[${both.join()}])`)).toEqual([]);
  expect(await select("status LIKE 'run%'")).toEqual(both);
  expect(await select("status LIKE 'RUN%' OR status LIKE '%-requested'")).toEqual([]);
  expect(await select("status ILIKE 'RUN%' AND status NOT LIKE 'p%'")).toEqual(both);
  expect(await select("job_type LIKE 'SCRIPT_D' AND job_type NOT LIKE 'SCHEMA CHANGE'")).toEqual(both);
  expect(await select("job_type NOT ILIKE 'script%'")).toEqual([]);
});

test('the catalogue answers conditions that it can decide, and selects nothing by others', async () => {
  await using scene = await startScripted();
  const names = async (where: string) =>
    (await executeSql(scene.app, `SELECT typname FROM pg_catalog.pg_type WHERE ${where}`)).rows.flat();
  expect(await names("typname OPERATOR(pg_catalog.~) '^(int.*)$' COLLATE pg_catalog.default")).toEqual([
    'int8',
    'int4',
  ]);
  expect(await names("typname !~ '^(t|i|b)' AND typname IN ('oid', 'text')")).toEqual(['oid']);
  expect(await names("oid = ANY('{16,20}') AND NOT typname = 'int8'")).toEqual(['bool']);
  expect(await names("typname LIKE '%4' OR absent = 1")).toEqual(['int4']);
  expect(await names("typlen > 4 AND typcategory <> 'D'")).toEqual(['int8', 'float8']);
  expect(await names("typname ~ '(a+)+$'")).toEqual([]);
  expect(await names('absent(typname)')).toEqual([]);
  const counted = await executeSql(scene.app, "SELECT count(*) FROM pg_type WHERE typname = 'bool'");
  expect(counted.rows).toEqual([[1]]);
  expect((await executeSql(scene.app, 'SELECT max(oid) FROM pg_type')).rows).toEqual([]);
});
