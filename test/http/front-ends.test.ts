/** The clients of front ends, with a token and with a JWT, across a restart of the server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startApp, type TestApp } from '../support/app.ts';
import { FRONT_ENDS } from '../support/clients.ts';
import { AUDIENCE, createKey, ISSUER, sign, startIssuer } from '../support/issuer.ts';
import { scriptedKind } from '../support/scripted.ts';
import { bearer, tokenFor } from '../support/tokens.ts';

/** How users sign in: settings of the server, and who they are. */
const SIGN_INS = {
  token: async () => ({
    settings: { AUTH: 'token' },
    name: 'root',
    tokenOf: async (app: TestApp) => (await tokenFor(app, 'root')).token,
    [Symbol.asyncDispose]: async () => undefined,
  }),
  JWT: async () => {
    const key = await createKey();
    const issuer = await startIssuer(key);
    const settings = { AUTH: 'jwt', JWKS_URL: issuer.url, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
    return {
      settings: { ...settings, JWT_PRIVILEGES_CLAIM: 'roles' },
      name: 'ann',
      tokenOf: () => sign(key, { sub: 'ann', roles: ['ADMIN'] }),
      [Symbol.asyncDispose]: () => issuer[Symbol.asyncDispose](),
    };
  },
};

interface Change {
  readonly cursor: string;
  readonly to: string;
}

const CHANGES = `subscription Changes($after: Cursor) {
  jobStatusChanged(after: $after) { cursor to }
}`;
const LOG = '{ jobEvents { nodes { cursor ... on JobStatusChange { to } } } }';
const command = (verb: string) => `mutation Command($id: ID!) { ${verb}Jobs(jobs: { ids: [$id] }) { changedCount } }`;

const CASES = Object.keys(FRONT_ENDS).flatMap((client) => Object.keys(SIGN_INS).map((by) => [client, by] as const));

test.each(CASES)('%s queries, changes and listens across a restart of the server, with a %s', async (client, by) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-'));
  await using signIn = await SIGN_INS[by as keyof typeof SIGN_INS]();
  const { settings } = signIn;
  const { kind } = scriptedKind();
  const options = { dataDir, kinds: [kind] };
  const first = await startApp({ ...options, settings });
  const { port } = new URL(first.url);
  const token = await signIn.tokenOf(first);
  let connections = 0;
  let reconnect = () => {};
  const mayReconnect = new Promise<void>((resolve) => {
    reconnect = resolve;
  });
  const socket = createClient({
    url: first.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: () => bearer(token),
    lazyCloseTimeout: 600_000,
    retryAttempts: 50,
    retryWait: () => mayReconnect,
    on: {
      connected: () => {
        connections += 1;
      },
    },
  });
  const frontEnd = FRONT_ENDS[client as keyof typeof FRONT_ENDS](first.url, bearer(token), socket);
  const seen: Change[] = [];
  let wake = () => {};
  const until = async (to: string) => {
    while (!seen.some((change) => change.to === to)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  expect(await frontEnd.query('query Who { viewer { name } }')).toMatchObject({ viewer: { name: signIn.name } });
  const unsubscribe = frontEnd.subscribe(CHANGES, { after: '0000000000000000' }, ({ jobStatusChanged }) => {
    seen.push(jobStatusChanged as Change);
    wake();
  });
  const { id } = await first.create('SCRIPTED', { name: 'a' }, signIn.name);
  await until('RUNNING');
  expect(await frontEnd.mutate(command('pause'), { id })).toMatchObject({ pauseJobs: { changedCount: 1 } });
  await until('PAUSED');

  await first[Symbol.asyncDispose]();
  const second = await startApp({ ...options, settings: { ...settings, PORT: port } });
  // Nobody listens while this happens.
  await second.create('SCRIPTED', { name: 'b' }, signIn.name);
  reconnect();
  expect(await frontEnd.mutate(command('cancel'), { id })).toMatchObject({ cancelJobs: { changedCount: 1 } });
  await until('CANCEL_REQUESTED');
  await until('REVERTING');
  const { jobEvents } = (await frontEnd.query(LOG)) as { jobEvents: { nodes: Change[] } };
  unsubscribe();
  frontEnd.stop();
  await socket.dispose();
  await second[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
  expect(connections).toBe(2);
  // Each event once, in order.
  const written = jobEvents.nodes.slice(0, seen.length).map(({ cursor }) => cursor);
  expect(seen.map(({ cursor }) => cursor)).toEqual(written);
  expect(seen.length).toBeGreaterThanOrEqual(7);
});
