/**
 * Prints every change of a job's status, one per line, and survives restarts of both sides, sleep, and dead networks.
 *     npx tsx examples/listen.ts [url] [file]
 * The cursor of the last line is kept in the file (listen.cursor), from which the next start continues. A line is
 * repeated only if kill -9 arrives between printing it and storing its cursor. SIGNALBOX_USER or SIGNALBOX_TOKEN
 * selects the user; PATIENCE_MS is the longest silence that is tolerated (10,000).
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { visible } from '../src/terminal.ts';

const CHANGES = `subscription ($after: Cursor) {
  jobStatusChanged(after: $after) { cursor at jobId from to command reason error actor { name } }
}`;
const JOBS = `query ($place: String) {
  jobs(first: 250, after: $place) { cursor nodes { id status description } pageInfo { hasNextPage endCursor } }
}`;
type Change = Record<'cursor' | 'at' | 'jobId' | 'to', string> &
  Record<'from' | 'command' | 'reason' | 'error', string | null> & { actor: { name: string } };
type Page = { hasNextPage: boolean; endCursor: string };
type Jobs = { cursor: string; nodes: Record<'id' | 'status' | 'description', string>[]; pageInfo: Page };

/**
 * Close codes that a retry would only repeat: the address, the user or this program is wrong. All others are temporary.
 */
const LASTING_CLOSES = [4004, 4005, 4400, 4401, 4406, 4409, 4429];
const PASSING_ERRORS = ['UNAVAILABLE', 'TOO_MANY', 'INTERNAL_SERVER_ERROR'];
const [url = 'http://127.0.0.1:4000/graphql', file = 'listen.cursor'] = process.argv.slice(2);
const { SIGNALBOX_USER: user, SIGNALBOX_TOKEN: token, PATIENCE_MS = '10000' } = process.env;
const patienceMs = Number(PATIENCE_MS);

let after = existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
let failures = 0;
let silence: NodeJS.Timeout | undefined;

const say = (text: string) => console.error(visible(text));
const giveUp = (text: string) => {
  say(`giving up: ${text}`);
  process.exit(1);
};
const keep = (cursor: string) => {
  writeFileSync(`${file}.new`, cursor);
  renameSync(`${file}.new`, file);
  after = cursor;
};

/** Without a timeout, a connection that nothing answers would wait as long as the operating system allows. */
class Socket extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    super(address, protocols, { handshakeTimeout: patienceMs });
  }
}
const client = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: Socket,
  connectionParams: { ...(user && { user }), ...(token && { authorization: `Bearer ${token}` }) },
  retryAttempts: 0, // a retry would repeat the first cursor: the loop at the end uses the last one
  keepAlive: patienceMs,
  on: {
    connected: () => {
      failures = 0;
      say(`connected to ${url}`);
    },
    ping: (received) => {
      if (!received) silence = setTimeout(client.terminate, patienceMs);
    },
    pong: (received) => received && clearTimeout(silence),
    closed: () => clearTimeout(silence),
  },
});

async function* results<T>(query: string, variables: Record<string, unknown>): AsyncGenerator<T, never> {
  for await (const { data, errors } of client.iterate<T>({ query, variables })) {
    if (errors) throw errors;
    if (data) yield data;
  }
  throw new Error('the stream was ended');
}

const print = ({ cursor, at, jobId, from, to, command, reason, error, actor }: Change) => {
  if (after !== null && cursor <= after) return; // a later cursor compares greater
  const why = [command, 'by', actor.name, ...[reason, error].map((text) => text && JSON.stringify(text))];
  console.log(visible(`${cursor} ${at} ${jobId} ${from ?? 'NEW'} → ${to} ${why.filter(Boolean).join(' ')}`));
  keep(cursor);
};

/** Starts at the end of the log as it was before the jobs were read, so that all later changes are received. */
const startAtEnd = async (show: boolean, place: string | null = null, end: string | null = null): Promise<void> => {
  const { cursor, nodes, pageInfo } = (await results<{ jobs: Jobs }>(JOBS, { place }).next()).value.jobs;
  for (const { id, status, description } of show ? nodes : []) say(`${id} is ${status}: ${description}`);
  if (show && pageInfo.hasNextPage) return startAtEnd(show, pageInfo.endCursor, end ?? cursor);
  keep(end ?? cursor);
  say(`starting after ${after}`);
};

/** Why the stream ended (GraphQL errors, a close code, or a network error), and whether a retry is pointless. */
const reasonOf = (error: unknown) => {
  if (Array.isArray(error)) {
    const { message, extensions } = error[0];
    return { code: extensions?.code, message, lasts: !PASSING_ERRORS.includes(extensions?.code) };
  }
  const { code = 0, reason, message = 'no connection' } = error as { code?: number; reason?: string; message?: string };
  const lasts = LASTING_CLOSES.includes(code) || /^Unexpected server response: 4(?!08|29)/.test(message);
  if (code === 4499) return { code, message: 'the other side is silent', lasts };
  return { code, message: reason || (code ? `closed with ${code}` : message), lasts };
};

if (!/^(http|ws)s?:\/\//.test(url)) giveUp(`${url} is no address`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
for (let expired = false; ; failures += 1) {
  try {
    if (expired || after === null) await startAtEnd(expired);
    expired = false;
    for await (const data of results<{ jobStatusChanged: Change }>(CHANGES, { after })) print(data.jobStatusChanged);
  } catch (error) {
    const { code, message, lasts } = reasonOf(error);
    if (code === 'CURSOR_EXPIRED') expired = true;
    else if (lasts) giveUp(message);
    say(`${expired ? 'events are missing, and the jobs are read again' : 'not listening'}: ${message}`);
  }
  await wait(Math.min(30_000, 250 * 2 ** failures) * (1 + Math.random()));
}
