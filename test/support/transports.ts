import { randomUUID } from 'node:crypto';
import type { TestApp } from './app.ts';
import { type GraphQLReply, openEvents, openSocket, postJson, sendRaw } from './wire.ts';

export interface Operation extends Readonly<Record<string, unknown>> {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}
export type Send = (app: Pick<TestApp, 'url'>, body: Operation, user?: string) => Promise<GraphQLReply>;

const byPost: Send = async (app, body, user = 'root') =>
  (await postJson(app.url, body, { 'x-signalbox-user': user })).json;

const byGet: Send = async (app, { query, variables }, user = 'root') => {
  const url = new URL(app.url);
  url.searchParams.set('query', query);
  if (variables !== undefined) url.searchParams.set('variables', JSON.stringify(variables));
  const { text } = await sendRaw(url.href, { headers: { accept: 'application/json', 'x-signalbox-user': user } });
  return JSON.parse(text) as GraphQLReply;
};

const byEvents: Send = async (app, body, user = 'root') => {
  const stream = await openEvents(app.url, body, { user });
  // A refusal before there is an operation is not a stream.
  if (!stream.response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return (await stream.response.json()) as GraphQLReply;
  }
  const first = await stream.next();
  stream.leave();
  return first ?? {};
};

/** A whole refusal comes as `error` with a list, one of an operation that ran as `next`. */
const bySocket: Send = async (app, body, user = 'root') => {
  await using socket = await openSocket(app.url, { params: { user } });
  await socket.next();
  socket.subscribe(randomUUID(), body);
  const { type, payload } = await socket.next();
  return type === 'error' ? { errors: payload as NonNullable<GraphQLReply['errors']> } : (payload as GraphQLReply);
};

/** Every way in which an operation reaches the server. A URL is at most 16 KB long, so GET takes only short ones. */
export const TRANSPORTS = [
  { name: 'POST', send: byPost, largest: 1_000_000 },
  { name: 'GET', send: byGet, largest: 8_000 },
  { name: 'server-sent events', send: byEvents, largest: 1_000_000 },
  { name: 'a WebSocket', send: bySocket, largest: 1_000_000 },
] as const;
