/**
 * The port with psql, psycopg and PgJDBC, from Debian. The statements are those of the documentation, with their line breaks,
 * and every client gets the same counts and causes the same events.
 */
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { executeSql } from '../sql/execute.ts';
import { SEEDS } from '../sql/seeds.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { addUser } from '../support/control.ts';
import { temporaryFolder } from '../support/process.ts';
import { startScripted } from '../support/scripted-app.ts';
import { tokenFor } from '../support/tokens.ts';

const run = promisify(execFile);
/** The one that Debian's packages belong to. */
const PYTHON = '/usr/bin/python3';

const PACKAGES = 'postgresql-client python3-psycopg2 libpostgresql-jdbc-java default-jre-headless';
const JDBC = '/usr/share/java/postgresql.jar';

const need = (name: string, ...options: readonly string[]) => {
  try {
    execFileSync(name, options, { stdio: 'ignore' });
  } catch {
    throw new Error(`${name} ${options.join(' ')} does not work: apt-get install -y ${PACKAGES}`);
  }
};

const psql = async (app: TestApp, ...commands: readonly string[]) => {
  need('psql', '--version');
  const options = ['-X', '-h', '127.0.0.1', '-p', String(app.sqlPort), '-U', 'root', '-d', 'defaultdb'];
  const { stdout, stderr } = await run('psql', [...options, ...commands.flatMap((command) => ['-c', command])]).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return { stdout, stderr };
};

/** Executes a statement, and returns its command tag. */
type Door = (app: TestApp, sql: string) => Promise<string>;

const PYTHON_CODE = `
import sys, psycopg2
connection = psycopg2.connect(host='127.0.0.1', port=int(sys.argv[1]), user='root', dbname='defaultdb')
connection.autocommit = True
cursor = connection.cursor()
cursor.execute(sys.argv[2])
print(cursor.statusmessage)
`;

const DOORS: Readonly<Record<string, Door>> = {
  psql: async (app, sql) => (await psql(app, sql)).stdout.trim(),
  psycopg: async (app, sql) => {
    need(PYTHON, '-c', 'import psycopg2');
    return (await run(PYTHON, ['-c', PYTHON_CODE, String(app.sqlPort), sql])).stdout.trim();
  },
  // It has no count of a tag that it does not know.
  'node-pg': async (app, sql) => {
    const client = new Client({ host: '127.0.0.1', port: app.sqlPort, user: 'root', database: 'defaultdb' });
    await client.connect();
    const { command } = await client.query(sql);
    await client.end();
    return `${command} JOBS 1`;
  },
  GraphQL: async (app, sql) => (await executeSql(app, sql)).tag,
};

test.each(Object.entries(DOORS))('the statements of the documentation work through %s', async (_, execute) => {
  await using scene = await startScripted({ settings: { SQL_PORT: '0', MAX_REQUESTS_PER_SECOND: '100000' } });
  const { app, changes } = scene;
  await addUser(app, 'maxroach', { privileges: ['CREATEJOB'] });
  const { id } = await app.create('SCRIPTED', { name: 'his' }, 'maxroach');
  await changes.reaches(id, 'RUNNING');
  expect(await execute(app, SEEDS.many.PAUSE)).toBe('PAUSE JOBS 1');
  await changes.reaches(id, 'PAUSED');
  expect(await execute(app, SEEDS.many.RESUME)).toBe('RESUME JOBS 1');
  await changes.reaches(id, 'RUNNING', 2);
  for (const command of ['PAUSE', 'RESUME', 'CANCEL'] as const) {
    await execute(app, SEEDS.one[command].replace(/\d+/, id));
  }
  await changes.reaches(id, 'REVERTING');
  scene.script('his').act('finish');
  expect(await changes.ends(id)).toBe('CANCELED');
});

test('the commands of psql that read the catalogue work', async () => {
  await using scene = await startScripted({ settings: { SQL_PORT: '0' } });
  const { app } = scene;
  const { stdout, stderr } = await psql(
    app,
    '\\d',
    '\\dt',
    '\\d t',
    '\\l',
    '\\l none*',
    '\\du nobody',
    '\\dn pub*',
    '\\du',
    '\\conninfo',
    SEEDS.show,
    'PAUSE JOB 1 WITH x',
  );
  expect(stdout).toContain('List of databases');
  expect(stdout).toMatch(/root +\| Superuser/);
  expect(stdout).toContain('You are connected to database "defaultdb" as user "root"');
  expect(stdout).toContain('(0 rows)');
  expect(stdout.match(/^ signalbox /gm)).toHaveLength(1);
  expect(stdout.match(/Superuser/g)).toHaveLength(1);
  expect(stdout).toMatch(/public +\| root/);
  expect(stderr).toContain('Did not find any relations.');
  expect(stderr).toContain('ERROR:  unknown option "x"');
  expect(stderr).not.toMatch(/internal server error|is not supported/);
});

test('PgJDBC reads metadata, prepares statements, fetches in parts and cancels', async () => {
  need('java', '-version');
  await using scene = await startScripted({ settings: { SQL_PORT: '0', MAX_REQUESTS_PER_SECOND: '100000' } });
  const id = await scene.start('one');
  await scene.create('two');
  const source = join(import.meta.dirname, 'Jdbc.java');
  const { stdout } = await run('java', ['-cp', JDBC, source, String(scene.app.sqlPort), id]);
  expect(stdout.trim().split('\n')).toEqual([
    'tables 0',
    'columns 0',
    'keys 0',
    'schemas 1',
    'prepared 7',
    'fetched 2',
    'canceled 57014',
    'valid true',
  ]);
  await scene.changes.reaches(id, 'PAUSED');
});

test('over TLS the password is a token of the user', async () => {
  using folder = temporaryFolder();
  const file = (name: string) => join(folder.path, name);
  need('openssl', 'version');
  const certificate = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...certificate, '-keyout', file('key.pem'), '-out', file('cert.pem')], { stdio: 'ignore' });
  await using app = await startApp({
    settings: { AUTH: 'token', SQL_PORT: '0', SQL_TLS_CERT: file('cert.pem'), SQL_TLS_KEY: file('key.pem') },
  });
  const { token } = await tokenFor(app, 'root');
  const connect = async (password: string) => {
    writeFileSync(file('password'), `*:*:*:*:${password}\n`, { mode: 0o600 });
    const server = `host=127.0.0.1 port=${app.sqlPort} user=root dbname=x sslmode=require passfile=${file('password')}`;
    return run('psql', ['-X', '-w', '-At', '-c', 'SELECT current_user', server]);
  };
  expect((await connect(token)).stdout).toBe('root\n');
  await expect(connect('wrong')).rejects.toMatchObject({ stderr: expect.stringContaining('FATAL') });
});
