import { request as httpRequest, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

/** Requests as bytes on the wire: for what no well-behaved client sends. */

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Without a length of its own: sent in chunks. */
  readonly chunks?: readonly (string | Buffer)[];
  readonly body?: string;
}

/** Unlike fetch, it sends any Host and Origin. */
export const sendRaw = (url: string, { method = 'GET', headers = {}, chunks, body }: RawRequest = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.on('error', reject);
    for (const chunk of chunks ?? []) request.write(chunk);
    request.end(body);
  });

export interface GraphQLReply {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: Readonly<Record<string, unknown>>;
    readonly path?: readonly unknown[];
  }[];
}

export const JSON_HEADERS = { 'content-type': 'application/json' };

export const postJson = async (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
  const reply = await sendRaw(url, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { ...reply, json: JSON.parse(reply.text) as GraphQLReply };
};

/** A subscription over server-sent events. Its messages are read one at a time, so it can be slow. */
export const openEvents = async (
  url: string,
  body: object,
  { user = 'root', headers = { 'x-signalbox-user': user } }: { user?: string; headers?: Record<string, string> } = {},
) => {
  const left = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...JSON_HEADERS, accept: 'text/event-stream', ...headers },
    body: JSON.stringify(body),
    signal: left.signal,
  });
  const messages = readEvents(response);
  return {
    response,
    /** The next message's data; null once the stream has completed. */
    next: async (): Promise<GraphQLReply | null> => {
      const { value } = await messages.next();
      return value ?? null;
    },
    leave: () => left.abort(),
  };
};

async function* readEvents(response: Response): AsyncGenerator<GraphQLReply, void, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith('event: complete')) return;
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data) as GraphQLReply;
    }
  }
  throw new Error('the connection ended before the stream did');
}

interface SocketMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket that speaks graphql-transport-ws by hand. */
export const openSocket = async (
  url: string,
  { params = {}, headers = {} }: { params?: object; headers?: Readonly<Record<string, string>> } = {},
) => {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { headers });
  const messages: SocketMessage[] = [];
  let wake = () => {};
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
      wake();
    }),
  );
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)) as SocketMessage);
    wake();
  });
  await new Promise<void>((resolve, reject) => socket.once('open', () => resolve()).once('error', reject));
  const send = (message: object) => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: params });
  return {
    socket,
    closed,
    send,
    subscribe: (id: string, payload: object) => send({ id, type: 'subscribe', payload }),
    next: async (): Promise<SocketMessage> => {
      for (;;) {
        const message = messages.shift();
        if (message !== undefined) return message;
        if (socket.readyState === WebSocket.CLOSED) throw new Error('the socket is closed');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    [Symbol.asyncDispose]: async () => {
      socket.terminate();
      await closed;
    },
  };
};
