/**
 * `signalbox app.db`: serves one database file until it is interrupted. The server keeps its state next to the working
 * directory's files, in `.signalbox-app/`, and continues there after a crash. At the end it removes what it left in the
 * database and its state, unless jobs are kept or the state has files of the user.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { WebSocket } from 'ws';
import { type Client, createClient, type JobFilter } from '../client/index.ts';
import { startSignalbox } from '../index.ts';
import { sleep } from '../sleep.ts';
import { print, printError, UsageError } from './server-options.ts';

const LIVE: JobFilter = { status: { notIn: ['SUCCEEDED', 'FAILED', 'CANCELED'] } };
/** How long the end waits for what jobs left in the database to be removed. */
const CLEAN_UP_MS = 30_000;

export const serveFile = async (file: string, { port }: { readonly port: number }): Promise<void> => {
  const path = resolve(file);
  if (!existsSync(path) || !statSync(path).isFile()) throw new UsageError(`${file}: there is no such file`);
  const name =
    basename(file, extname(file))
      .replace(/[^A-Za-z0-9_-]/g, '-')
      .slice(0, 128) || 'database';
  const folder = resolve(`.signalbox-${name}`);
  const server = await startSignalbox({ dataDir: folder, port, settings: { HOST: '127.0.0.1' } });
  const client = createClient({ url: server.url, user: 'root', webSocket: WebSocket });
  await register(client, name, path);
  print(`${relative('.', path)} is database ${name}. The jobs are at ${new URL('/', server.url).href}`);
  print('Ctrl-C ends the server.');
  for (;;) {
    const isTerminated = await interrupted();
    const isOver = await endJobs(client, isTerminated).catch((error: Error) => {
      printError(error.message);
      return null;
    });
    if (isOver === null) continue;
    if (isOver) await unregister(client, name);
    client.close();
    await server.stop();
    if (isOver) removeState(folder);
    else print(`${relative('.', folder)} keeps the jobs: the same command continues them.`);
    process.exit(0);
  }
};

const register = async (client: Client, name: string, path: string): Promise<void> => {
  const { databases } = await client.request<{ databases: { name: string }[] }>('{ databases { name } }');
  if (databases.some((known) => known.name === name)) return;
  const query = 'mutation ($input: CreateDatabaseInput!) { createDatabase(input: $input) { database { name } } }';
  await client.request(query, { input: { name, url: `file:${path}` } });
};

/** Resolves with whether it was SIGTERM, which asks nothing. */
const interrupted = () =>
  new Promise<boolean>((resolve) => {
    const onInterrupt = () => end(false);
    const onTerminate = () => end(true);
    const end = (isTerminated: boolean) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
      resolve(isTerminated);
    };
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  });

/** Whether no job is left. Null: the user goes on. */
const endJobs = async (client: Client, isTerminated: boolean): Promise<boolean | null> => {
  const live = await liveJobs(client);
  if (live === 0) return true;
  if (isTerminated || !process.stdin.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const jobs = live === 1 ? '1 job has' : `${live} jobs have`;
  const answer = await lines.question(
    `${jobs} not ended: wait for the end, cancel, keep for later, or go on? [w/c/k/G] `,
  );
  lines.close();
  const choice = answer.trim().toLowerCase();
  if (choice === 'k') return false;
  if (choice !== 'w' && choice !== 'c') return null;
  if (choice === 'c') await client.cancel({ where: LIVE });
  for await (const jobs of client.watch(LIVE)) if (jobs.length === 0) break;
  return true;
};

const liveJobs = async (client: Client): Promise<number> => {
  let count = 0;
  for await (const _ of client.jobs(LIVE)) count += 1;
  return count;
};

/** Removes what is left in the database. What jobs left is removed shortly after their end. */
const unregister = async (client: Client, name: string): Promise<void> => {
  const query = 'mutation ($input: DeleteDatabaseInput!) { deleteDatabase(input: $input) { name } }';
  const until = performance.now() + CLEAN_UP_MS;
  for (;;) {
    try {
      return void (await client.request(query, { input: { name } }));
    } catch (error) {
      if (performance.now() > until) return printError(`something may be left in ${name}: ${(error as Error).message}`);
    }
    await sleep(200);
  }
};

/** The server puts a sample file there; anything else belongs to the user. */
const removeState = (folder: string): void => {
  const files = readdirSync(join(folder, 'files')).filter((name) => name !== 'sample.csv');
  if (files.length > 0)
    print(`${relative('.', join(folder, 'files'))} is kept: it has ${files.slice(0, 3).join(', ')}`);
  else rmSync(folder, { recursive: true, force: true });
};
