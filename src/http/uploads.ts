/**
 * Resumable uploads at `/files/`, by the tus protocol. An upload belongs to the user who began it: for others it does
 * not exist. Nothing of the protocol is loaded before the first request for it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { badInput, conflict, cutText, notFound, tooMany } from '../errors.ts';
import { sendRefusal } from './answers.ts';
import type { Session, SignInWith, UploadTarget } from './credentials.ts';
import type { TusHandler } from './tus.ts';
import { createUploadFolder, type Metadata } from './upload-folder.ts';

export interface UploadOptions {
  /** The folder of unfinished uploads. */
  readonly folder: string;
  /** The largest size of one file. */
  readonly maxBytes: number;
  readonly now: () => number;
}

interface Wiring {
  readonly signIn: SignInWith;
  readonly maskError: (error: unknown) => GraphQLError;
  /** The path of the public URL, without a slash at its end. */
  readonly basePath: string;
  /** Counts a request of a user. Rejects if there were too many. */
  readonly count: (key: string) => Promise<unknown>;
}

export interface Uploads {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): void;
}

export const isUpload = (url = ''): boolean => /^\/files(\/|\?|$)/.test(url);

const METHODS = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];
const HOUR_MS = 60 * 60 * 1_000;
const MAX_UNFINISHED = 100;

export const startUploads = async (options: UploadOptions, wiring: Wiring): Promise<Uploads> => {
  const folder = createUploadFolder(options.folder);
  const sweep = () => folder.sweep(options.now()).catch(wiring.maskError);
  await sweep();
  const timer = setInterval(sweep, HOUR_MS).unref();
  const sessions = new WeakMap<IncomingMessage, Session>();
  const sessionOf = (request: IncomingMessage): Session => {
    const session = sessions.get(request);
    if (session === undefined) throw new Error('nobody has signed in with this request');
    return session;
  };
  /** Uploads that are being created, until the folder has them. */
  const reserved = new Map<string, { readonly owner: string; readonly size: number }>();
  const finishing = new Map<string, Promise<string>>();

  const finish = (id: string, session: Session): Promise<string> => {
    const run = async () => {
      const upload = await folder.read(id);
      if (upload === null) throw missing(id);
      if (upload.url !== null) return upload.url;
      const url = await session.uploader().finish(folder.fileOf(id), targetOf(upload.metadata));
      await folder.recordEnd(id, url);
      return url;
    };
    const running = finishing.get(id) ?? run().finally(() => finishing.delete(id));
    finishing.set(id, running);
    return running;
  };

  const begin = async (request: IncomingMessage, id: string, size: number, given: Metadata): Promise<Metadata> => {
    const session = sessionOf(request);
    const owner = session.userName;
    const target = targetOf(given);
    reserved.set(id, { owner, size });
    request.once('close', () => reserved.delete(id));
    const others = new Map([...reserved, ...(await folder.unfinished())]);
    others.delete(id);
    const sizes = [...others.values()];
    if (sizes.filter((one) => one.owner === owner).length >= MAX_UNFINISHED) {
      throw tooMany(`user ${owner} has ${MAX_UNFINISHED} unfinished uploads: complete or delete some`);
    }
    const unfinishedBytes = sizes.reduce((sum, one) => sum + one.size, 0);
    await session.uploader().begin(target, size, unfinishedBytes);
    return { ...given, owner };
  };

  /** A complete upload that is not in its place yet, because the server was killed, is put there before it is shown. */
  const check = async (request: IncomingMessage, id: string): Promise<void> => {
    if (request.method === 'POST') return;
    const session = sessionOf(request);
    const upload = await folder.read(id);
    if (upload === null || upload.metadata.owner !== session.userName) throw missing(id);
    if (request.method === 'HEAD' && upload.isComplete) await finish(id, session);
    if (request.method === 'PATCH' && upload.url !== null)
      throw conflict(`upload ${id} is complete: it is ${upload.url}`);
  };

  let loaded: Promise<TusHandler> | undefined;
  const load = () => {
    loaded ??= import('./tus.ts').then(({ createTus }) =>
      createTus({
        folder: options.folder,
        maxBytes: options.maxBytes,
        locationOf: (id) => `${wiring.basePath}/files/${id}`,
        begin,
        check,
        finish: (request, id) => finish(id, sessionOf(request)),
        isFinished: async (id) => ((await folder.read(id))?.url ?? null) !== null,
        maskError: wiring.maskError,
      }),
    );
    return loaded;
  };

  return {
    handle: async (request, response) => {
      try {
        const { method = '' } = request;
        if (!METHODS.includes(method))
          throw badInput('method', `method ${cutText(method, 20)} must be one of ${METHODS.join(', ')}`);
        if (method !== 'OPTIONS') {
          const session = await wiring.signIn(request, {});
          await wiring.count(`user ${session.userName}`);
          session.uploader().check();
          sessions.set(request, session);
          response.once(
            'close',
            session.onEnd(() => request.socket.destroy()),
          );
        }
        await (await load())(request, response);
      } catch (error) {
        sendRefusal(response, wiring.maskError(error));
      }
    },
    stop: () => clearInterval(timer),
  };
};

const missing = (id: string) => notFound(`upload ${cutText(id, 100)} does not exist`);

const targetOf = ({ filename, overwrite = null }: Metadata): UploadTarget => {
  if (typeof filename !== 'string') {
    throw badInput('metadata.filename', 'filename is missing: send it in Upload-Metadata, as in/orders.csv');
  }
  if (overwrite !== null && overwrite !== 'true' && overwrite !== 'false') {
    throw badInput('metadata.overwrite', `overwrite ${JSON.stringify(cutText(overwrite, 100))} must be true or false`);
  }
  return { name: filename, replace: overwrite === 'true' };
};
