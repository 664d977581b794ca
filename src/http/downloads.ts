/** Files that users download, streamed no faster than the client reads. Nothing of them is cached. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { GraphQLError } from 'graphql';
import { badInput, cutText } from '../errors.ts';
import { sendRefusal } from './answers.ts';
import type { SignInWith } from './credentials.ts';

interface Wiring {
  /** The beginning of their paths. If undefined, there are none. */
  readonly path: string | undefined;
  readonly signIn: SignInWith;
  readonly maskError: (error: unknown) => GraphQLError;
  /** Counts a request of a user. Rejects if there were too many. */
  readonly count: (key: string) => Promise<unknown>;
}

export interface Downloads {
  isOne(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export const createDownloads = ({ path, signIn, maskError, count }: Wiring): Downloads => ({
  isOne: ({ url = '' }) => path !== undefined && url.startsWith(path),
  handle: async (request, response) => {
    try {
      const { method = '', url = '' } = request;
      if (method !== 'GET' && method !== 'HEAD') {
        throw badInput('method', `method ${cutText(method, 20)} must be GET or HEAD`);
      }
      const session = await signIn(request, {});
      await count(`user ${session.userName}`);
      const { type, fileName, pieces } = await session.download(url.slice(path?.length ?? 0));
      response.once(
        'close',
        session.onEnd(() => request.socket.destroy()),
      );
      response.writeHead(200, {
        'content-type': type,
        'content-disposition': `attachment; filename="${fileName}"`,
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      if (method === 'HEAD') return void response.end();
      await pipeline(Readable.from(pieces), response);
    } catch (error) {
      // What was sent cannot be taken back: the client sees that the file is not whole.
      if (response.headersSent) response.destroy();
      else sendRefusal(response, maskError(error));
    }
  },
});
