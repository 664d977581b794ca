/** The requests of workers in other programs: JSON over POST at `/worker/…`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { badInput, cutText, SignalboxError } from '../errors.ts';
import { sendJson, sendRefusal } from './answers.ts';
import type { SignInWith } from './credentials.ts';

export interface WorkerOptions {
  /** The largest body of a request. */
  readonly maxBodyBytes: number;
}

interface Wiring {
  readonly signIn: SignInWith;
  readonly maskError: (error: unknown) => GraphQLError;
  /** Counts a request of a user. Rejects if there were too many. */
  readonly count: (key: string) => Promise<unknown>;
}

const PATH = /^\/worker\/([^/?]*)$/;

export const isWorker = (url = ''): boolean => PATH.test(url);

export const createWorkers =
  ({ maxBodyBytes }: WorkerOptions, { signIn, maskError, count }: Wiring) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const left = new AbortController();
    response.once('close', () => left.abort());
    try {
      const { method = '', url = '' } = request;
      if (method !== 'POST') throw badInput('method', `method ${cutText(method, 20)} must be POST`);
      const session = await signIn(request, {});
      await count(`user ${session.userName}`);
      const body = await readJson(request, maxBodyBytes);
      const stopWatching = session.onEnd(() => left.abort());
      try {
        const answer = await session.worker(PATH.exec(url)?.[1] ?? '', body, left.signal);
        sendJson(response, 200, answer);
      } finally {
        stopWatching();
      }
    } catch (error) {
      if (!response.destroyed) sendRefusal(response, maskError(error));
    }
  };

const readJson = async (request: IncomingMessage, maxBytes: number): Promise<unknown> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += (piece as Buffer).length;
    if (bytes > maxBytes) throw new SignalboxError('PAYLOAD_TOO_LARGE', `the body has more than ${maxBytes} bytes`);
    pieces.push(piece as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch (error) {
    throw badInput('body', `the body is no JSON: ${cutText((error as Error).message, 200)}`);
  }
};
