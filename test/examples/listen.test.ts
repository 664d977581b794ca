import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Kind } from '../../src/jobs/kind.ts';
import { graphql } from '../generated/gql.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { order } from '../support/control.ts';
import { temporaryFolder } from '../support/process.ts';
import { startProxy } from '../support/proxy.ts';
import { scriptedKind } from '../support/scripted.ts';

const LOG = graphql(/* GraphQL */ `
  query WholeLog {
    jobEvents(first: 1000) {
      nodes {
        cursor
        at
        jobId
        ... on JobStatusChange {
          from
          to
        }
      }
    }
  }
`);

/** What a listener has to print of all that is in the log, up to the reasons. */
const logOf = async (app: TestApp) =>
  (await app.execute(LOG)).jobEvents.nodes.map((event) =>
    'to' in event ? `${event.cursor} ${event.at} ${event.jobId} ${event.from ?? 'NEW'} → ${event.to}` : '',
  );

/** The example as a process of its own; what it prints is kept over its own restarts in `printed`. */
const startListener = (url: string, file: string, printed: string[] = [], env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/listen.ts', url, file], {
    env: { ...process.env, PATIENCE_MS: '400', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  let wake = () => {};
  const note = (lines: string[]) => (line: string) => {
    lines.push(line);
    wake();
  };
  createInterface({ input: child.stdout }).on('line', note(printed));
  createInterface({ input: child.stderr }).on('line', note(said));
  const ended = once(child, 'close').then(([code]) => {
    wake();
    return code as number | null;
  });
  const until = async (is: () => boolean) => {
    while (!is()) {
      if (child.exitCode !== null) throw new Error(`the listener has ended: ${said.join('\n')}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    printed,
    said,
    ended,
    says: (pattern: RegExp, times = 1) => until(() => said.filter((line) => pattern.test(line)).length >= times),
    prints: (count: number) => until(() => printed.length >= count),
    /** Waits until it has printed as much as is in the log, and compares. */
    catchesUp: async (app: TestApp) => {
      let log = await logOf(app);
      for (; printed.length !== log.length; log = await logOf(app)) await until(() => printed.length >= log.length);
      expect(printed.map((line) => line.split(' ').slice(0, 6).join(' '))).toEqual(log);
    },
    stop: async () => {
      child.kill('SIGTERM');
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

/** A server on a folder that outlives it, and a way to make much happen there. */
const startOn = async (dataDir: string, kinds: readonly Kind[]) => {
  const app = await startApp({ dataDir, kinds });
  const ids: string[] = [];
  let stopped = false;
  const stop = async () => {
    if (!stopped) await app.stop();
    stopped = true;
  };
  return {
    app,
    stop,
    /** Makes jobs, pauses and resumes all of them, with a reason of two lines. */
    change: async (names: string) => {
      for (const name of names) ids.push((await app.create('SCRIPTED', { name }, 'root')).id);
      await order(app, 'PAUSE', ids, { reason: 'one\n"two"' });
      await order(app, 'RESUME', ids);
    },
    [Symbol.asyncDispose]: stop,
  };
};

test('a listener prints the log exactly, over cuts, silence, and restarts of the server and of itself', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'cursor');
  const { kind } = scriptedKind();
  await using proxy = await startProxy();

  // It is there before the server is.
  await using listener = startListener(proxy.url, file);
  await listener.says(/^not listening: /);
  let server = await startOn(folder.path, [kind]);
  await using _first = server;
  proxy.leadTo(server.app.url);
  await listener.says(/^starting after /);
  await server.change('abc');
  await listener.catchesUp(server.app);

  // Cut in the middle of changes, twice.
  const changing = server.change('de');
  proxy.cut();
  await changing;
  await listener.says(/^connected to /, 2);
  proxy.cut();
  await server.change('f');
  await listener.catchesUp(server.app);

  // Half-open: nobody says anything any more, and at first nobody takes new connections' words either.
  proxy.swallow(true);
  proxy.hold();
  await server.change('gh');
  await listener.says(/^not listening: the other side is silent$/);
  await listener.says(/^not listening: Opening handshake has timed out$/);
  proxy.swallow(false);
  await listener.catchesUp(server.app);

  // The server goes, and another comes on the same data.
  proxy.leadTo(null);
  await server.stop();
  await listener.says(/^not listening: the server is stopping$/);
  server = await startOn(folder.path, [kind]);
  await using _second = server;
  await server.change('ij');
  proxy.leadTo(server.app.url);
  await listener.catchesUp(server.app);

  // It goes itself, and another takes over.
  expect(await listener.stop()).toBe(0);
  await server.change('kl');
  await using next = startListener(proxy.url, file, listener.printed);
  await next.catchesUp(server.app);
  await server.change('m');
  await next.catchesUp(server.app);
  expect(next.printed.at(-1)).toMatch(/ by /);
  expect(await next.stop()).toBe(0);
});

test('a listener whose cursor retention has passed reports it, reads the jobs again, and goes on', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'cursor');
  const { kind } = scriptedKind();
  await using server = await startOn(folder.path, [kind]);
  await server.change('abc');
  const db = new Database(join(server.app.dataDir, 'signalbox.db'));
  db.exec('UPDATE Counters SET horizon = 3; DELETE FROM Event WHERE cursor <= 3');
  db.close();
  writeFileSync(file, '0000000000000002');

  await using listener = startListener(server.app.url, file);

  await listener.says(/^starting after /);
  expect(listener.said.find((line) => line.startsWith('events are missing'))).toContain('removed by retention');
  expect(listener.said.filter((line) => / is \w+: SCRIPTED [abc]$/.test(line))).toHaveLength(3);
  const start = listener.said.at(-1)?.replace('starting after ', '') ?? '';
  await server.change('d');
  await listener.prints(1);
  const log = await logOf(server.app);
  expect(log.find((line) => line.slice(0, 16) > start)).toBe(listener.printed[0]?.split(' ').slice(0, 6).join(' '));
});

test('a listener without a file starts at the log’s end', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'cursor');
  const { kind } = scriptedKind();
  await using server = await startOn(folder.path, [kind]);
  await server.change('a');
  await using listener = startListener(server.app.url, file);
  await listener.says(/^starting after /);
  const start = readFileSync(file, 'utf8');
  const { id } = await server.app.create('SCRIPTED', { name: 'b' }, 'root');
  await listener.prints(1);
  expect(listener.printed.every((line) => line.slice(0, 16) > start)).toBe(true);
  expect(listener.printed.some((line) => line.includes(`${id} NEW → PENDING`))).toBe(true);
  expect(await listener.stop()).toBe(0);
});

test('a permanent error ends a listener with a line that names the reason', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'cursor');
  await using app = await startApp();
  const ends = async (url: string, env: Record<string, string> = {}) => {
    await using listener = startListener(url, file, [], env);
    expect(await listener.ended).toBe(1);
    return listener.said.at(-1);
  };
  expect(await ends(app.url, { SIGNALBOX_USER: 'nobody' })).toBe('giving up: user nobody does not exist');
  expect(await ends(app.url.replace('/graphql', '/elsewhere'))).toBe('giving up: Unexpected server response: 404');
  expect(await ends('localhost')).toBe('giving up: localhost is no address');
  writeFileSync(file, '0000000000000999');
  expect(await ends(app.url)).toMatch(/^giving up: .*beyond/);
});

test.each([
  [1001, 2],
  [1013, 2],
  [4403, 2],
  [4500, 2],
  [4400, 1],
  [4409, 1],
])('a socket that is closed with %i is opened %i times', async (code, times) => {
  using folder = temporaryFolder();
  const sockets = new WebSocketServer({ port: 0, handleProtocols: () => 'graphql-transport-ws' });
  let opened = 0;
  const enough = new Promise<void>((resolve) =>
    sockets.on('connection', (socket) => {
      opened += 1;
      if (opened === 2) resolve();
      socket.close(code, 'the test');
    }),
  );
  await once(sockets, 'listening');
  const { port } = sockets.address() as AddressInfo;
  await using listener = startListener(`http://127.0.0.1:${port}/graphql`, join(folder.path, 'cursor'));
  if (times === 1) expect(await listener.ended).toBe(1);
  else await enough;
  expect(opened).toBe(times);
  expect(listener.said[0]).toBe(times === 1 ? 'giving up: the test' : 'not listening: the test');
  sockets.close();
});

test('what people wrote does not act on the terminal', async () => {
  using folder = temporaryFolder();
  const { kind } = scriptedKind();
  await using server = await startOn(folder.path, [kind]);
  await using listener = startListener(server.app.url, join(folder.path, 'cursor'));
  await listener.says(/^starting after /);
  const { id } = await server.app.create('SCRIPTED', { name: 'a' }, 'root');
  await order(server.app, 'PAUSE', [id], { reason: 'x\u001b[2J\u202Ey\u009b31m\u2028z' });
  await listener.catchesUp(server.app);
  expect(listener.printed.join('\n')).toContain('x\\u001b[2J\\u{202e}y\\u{9b}31m\\u{2028}z');
});
