import { connect as connectSocket } from 'node:net';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { message, text } from '../../src/sql/pgwire/frames.ts';
import { addUser } from '../support/control.ts';
import { startScripted } from '../support/scripted-app.ts';
import { cancelRequest } from './cancel-request.ts';
import { SEED_ID, SEEDS } from './seeds.ts';

const start = async () => {
  const scene = await startScripted({ settings: { SQL_PORT: '0', MAX_REQUESTS_PER_SECOND: '100000' } });
  await addUser(scene.app, 'maxroach', { privileges: ['CREATEJOB'] });
  return scene;
};

const connect = async (port: number, user = 'root') => {
  const client = new Client({ host: '127.0.0.1', port, user, database: 'defaultdb', password: 'none' });
  client.on('error', () => undefined);
  await client.connect();
  const notices: string[] = [];
  client.on('notice', ({ message: words = '' }) => notices.push(words));
  return Object.assign(client, { notices, [Symbol.asyncDispose]: () => client.end() });
};

/** The error of a query that has to fail. */
const refuse = async (client: Client, sql: string, values?: unknown[]) => {
  const error = await client.query(sql, values).then(
    () => null,
    (reason: { code: string; position?: string; message: string }) => reason,
  );
  if (error === null) throw new Error(`${sql} was not refused`);
  return { code: error.code, position: error.position, message: error.message };
};

test('a driver sends the statements of the documentation, with and without parameters', async () => {
  const scene = await start();
  await using _ = scene;
  const { app, changes } = scene;
  await using client = await connect(app.sqlPort);
  const { id } = await app.create('SCRIPTED', { name: 'his' }, 'maxroach');
  await changes.reaches(id, 'RUNNING');
  const shown = await client.query(SEEDS.show);
  expect(shown.rows).toMatchObject([
    { job_id: id, user_name: 'maxroach', status: 'running', created: expect.any(Date) },
  ]);
  expect(await client.query(SEEDS.many.PAUSE)).toMatchObject({ command: 'PAUSE', rows: [] });
  await changes.reaches(id, 'PAUSED');
  await client.query(SEEDS.many.RESUME);
  await changes.reaches(id, 'RUNNING', 2);
  for (const command of ['PAUSE', 'RESUME', 'CANCEL'] as const) {
    expect(await refuse(client, SEEDS.one[command])).toMatchObject({
      code: '42704',
      message: `job with ID ${SEED_ID} does not exist`,
    });
  }
  const found = await client.query(
    'SELECT job_id, created FROM [SHOW JOBS] WHERE user_name = $1 AND job_id IN ($2, $3) AND created < $4',
    ['maxroach', id, 1, new Date(Date.now() + 60_000)],
  );
  expect(found.rows).toMatchObject([{ job_id: id }]);
  await client.query(SEEDS.many.CANCEL);
  await changes.reaches(id, 'REVERTING');
  scene.script('his').act('finish');
  expect(await changes.ends(id)).toBe('CANCELED');
  await client.query(SEEDS.many.PAUSE);
  expect(client.notices).toEqual([`cannot pause canceled job ${id}`]);
});

test('after an error the connection goes on, and a statement that is refused changes nothing', async () => {
  const scene = await start();
  await using _ = scene;
  const { app, changes } = scene;
  const id = await scene.start('one');
  await using client = await connect(app.sqlPort);
  expect(await refuse(client, 'PAUSE JOBS (SELECT job_id FROM [SHOW JOBS] WHERE nope = 1)')).toMatchObject({
    code: '42703',
    position: '50',
  });
  expect(await refuse(client, 'PAUSE JOB $1', ['abc'])).toMatchObject({ code: '22P02' });
  // The second one cannot be read: the first one is not executed either.
  expect(await refuse(client, `PAUSE JOB ${id}; PAUSE JOBX 1`)).toMatchObject({ code: '42601' });
  expect(await refuse(client, `PAUSE JOB $1; PAUSE JOB ${id}`, [id])).toMatchObject({ code: '42601' });
  expect(await refuse(client, 'COPY jobs TO STDOUT')).toMatchObject({ code: '0A000' });
  expect((await client.query('SELECT count(*) FROM [SHOW JOBS] WHERE status = $1', ['running'])).rows).toEqual([
    { count: '1' },
  ]);
  const list = 'SELECT count(*) FROM [SHOW JOBS] WHERE job_id = ANY($1) AND user_name <> ALL($2::text[])';
  expect(
    (
      await client.query(list, [
        [id, SEED_ID],
        ['maxroach', 'a,"b\\'],
      ])
    ).rows,
  ).toEqual([{ count: '1' }]);
  const lately = 'SELECT count(*) FROM [SHOW JOBS] WHERE created > now() - $1::interval AND created > now() - $2';
  expect((await client.query(lately, ['1 day', '2 hours'])).rows).toEqual([{ count: '1' }]);
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING']);
});

test('settings last for a connection: a dry run, and all or nothing', async () => {
  const scene = await start();
  await using _ = scene;
  const { app, changes } = scene;
  const id = await scene.start('one');
  await using client = await connect(app.sqlPort);
  await client.query('SET signalbox.dry_run = on');
  await client.query(`PAUSE JOB ${id}`);
  expect(client.notices).toEqual(['dry run: nothing has changed']);
  await client.query('RESET ALL');
  await client.query("SET signalbox.on_refusal TO 'abort'");
  expect(await refuse(client, `PAUSE JOBS (VALUES (${id}), (${SEED_ID}))`)).toMatchObject({ code: '42704' });
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING']);
  await client.query('DISCARD ALL');
  await client.query(`PAUSE JOBS (VALUES (${id}), (${SEED_ID}))`);
  await changes.reaches(id, 'PAUSED');
});

test('a user sees and controls only what the API lets them', async () => {
  const scene = await start();
  await using _ = scene;
  const { app, changes } = scene;
  const id = await scene.start('one');
  await using client = await connect(app.sqlPort, 'maxroach');
  expect((await client.query('SHOW JOBS')).rows).toEqual([]);
  expect(await refuse(client, `PAUSE JOB ${id}`)).toMatchObject({ code: '42704' });
  expect((await client.query('SELECT current_user')).rows).toEqual([{ current_user: 'maxroach' }]);
  const { id: own } = await app.create('SCRIPTED', { name: 'own' }, 'maxroach');
  expect(await refuse(client, `CANCEL JOB ${own}`)).toMatchObject({ code: '42501' });
  await expect(connect(app.sqlPort, 'nobody')).rejects.toMatchObject({ code: '28000' });
  expect(changes.statusesOf(id)).toEqual(['PENDING', 'RUNNING']);
});

test('SHOW JOBS WHEN COMPLETE waits; a cancel request ends it, and its jobs go on', async () => {
  const scene = await start();
  await using _ = scene;
  const { app, changes } = scene;
  const id = await scene.start('one');
  await using client = await connect(app.sqlPort);
  const waiting = client.query(`SHOW JOB WHEN COMPLETE ${id}`).catch((error: { code: string }) => error);
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  let isOver = false;
  void waiting.then(() => {
    isOver = true;
  });
  // The request may arrive before the statement does.
  while (!isOver) await cancelRequest(app.sqlPort, processID, secretKey);
  expect(await waiting).toMatchObject({ code: '57014' });
  const again = client.query(`SHOW JOB WHEN COMPLETE ${id}`);
  scene.script('one').act('finish');
  expect((await again).rows).toMatchObject([{ job_id: id, status: 'succeeded', fraction_completed: 1 }]);
  expect(changes.statusesOf(id).includes('CANCEL_REQUESTED')).toBe(false);
});

/** A connection that sends bytes as they are given, and notes the types of the answers. */
const raw = async (port: number) => {
  const socket = connectSocket(port, '127.0.0.1');
  let seen = Buffer.alloc(0);
  let wake = () => {};
  socket.on('data', (chunk) => {
    seen = Buffer.concat([seen, chunk]);
    wake();
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('close', () => wake());
  socket.on('error', () => undefined);
  const typesOf = () => {
    let types = '';
    for (let at = 0; at + 5 <= seen.length; at += 1 + seen.readInt32BE(at + 1))
      types += String.fromCharCode(seen[at] ?? 0);
    return types;
  };
  return {
    socket,
    closed,
    send: (...bytes: Buffer[]) => socket.write(Buffer.concat(bytes)),
    /** Waits until so many messages of a type have come; returns the types of all since the last call. */
    until: async (type: string, times = 1) => {
      while ([...typesOf()].filter((one) => one === type).length < times && !socket.destroyed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const types = typesOf();
      seen = Buffer.alloc(0);
      return types;
    },
  };
};

const number16 = (...values: readonly number[]) =>
  Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 255])));
const number32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const startup = (...parameters: readonly string[]) => {
  const body = Buffer.concat([number32(196_608), ...parameters.map(text), Buffer.from([0])]);
  return Buffer.concat([number32(body.length + 4), body]);
};
const SYNC = message('S');
const parse = (sql: string, name = '') => message('P', text(name), text(sql), number16(0));
const bind = (name = '') => message('B', text(''), text(name), number16(0, 0, 0));
const execute = (rows: number) => message('E', text(''), number32(rows));

test('a portal hands out its rows in parts, and what follows an error is ignored up to Sync', async () => {
  const scene = await start();
  await using _ = scene;
  for (const name of ['a', 'b', 'c']) await scene.create(name);
  const client = await raw(scene.app.sqlPort);
  client.send(startup('user', 'root', 'database', 'x'));
  expect(await client.until('Z')).toBe('RSSSSSSSSSSKZ');
  client.send(
    parse('SELECT job_id FROM [SHOW JOBS]'),
    message('D', text('S').subarray(0, 1), text('')),
    bind(),
    execute(2),
    execute(1),
    execute(5),
    SYNC,
  );
  expect(await client.until('Z')).toBe('1tT2DDsDsCZ');
  client.send(
    parse('SELECT nope FROM [SHOW JOBS]'),
    bind(),
    execute(0),
    message('D', text('P').subarray(0, 1), text('')),
    SYNC,
    execute(0),
    SYNC,
  );
  expect(await client.until('Z', 2)).toBe('EZEZ');
  client.send(parse(''), bind(), execute(0), SYNC, message('Q', text(' ; ')), message('Q', text('SELECT 1; SELECT 2')));
  expect(await client.until('Z', 3)).toBe('12IZIZTDCTDCZ');
  client.send(message('X'));
  await client.closed;
});

const BROKEN: readonly (readonly [string, () => Buffer])[] = [
  ['a length that is too small', () => Buffer.from([81, 0, 0, 0, 3])],
  ['a negative length', () => Buffer.from([81, 255, 255, 255, 255])],
  ['a message of 10 MB', () => Buffer.concat([Buffer.from('Q'), number32(10_000_000), Buffer.alloc(100)])],
  ['a type that does not exist', () => message('~')],
  ['a password that nobody asked for', () => message('p', text('x'))],
];

test.each(BROKEN)('%s ends the connection with an error', async (_, bytes) => {
  await using scene = await start();
  const client = await raw(scene.app.sqlPort);
  client.send(startup('user', 'root'));
  await client.until('Z');
  client.send(bytes());
  expect(await client.until('E')).toBe('E');
  await client.closed;
  await using other = await connect(scene.app.sqlPort);
  expect((await other.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
});

test('messages that are cut short or wrong inside get an error, and the connection goes on', async () => {
  await using scene = await start();
  const client = await raw(scene.app.sqlPort);
  client.send(startup('user', 'root'));
  await client.until('Z');
  for (const bytes of [
    message('P', Buffer.from('no end')),
    message('P', text(''), text('SHOW JOBS'), number16(5)),
    message('B', text(''), text('missing'), number16(0, 0, 0)),
    message('D', Buffer.from('X\0')),
    message('C', Buffer.from('?\0')),
    message('E', text('missing'), number32(0)),
    message('F', number32(1)),
    message('P', text(''), Buffer.from([255, 254, 0]), number16(0)),
  ]) {
    client.send(bytes, SYNC);
    expect(await client.until('Z')).toBe('EZ');
  }
  client.send(message('Q', Buffer.from('no end')));
  expect(await client.until('Z')).toBe('EZ');
  client.send(message('X'));
  await client.closed;
});
