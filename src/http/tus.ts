/** The tus protocol. It is loaded with the first request that needs it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import type { GraphQLError } from 'graphql';
import { SignalboxError } from '../errors.ts';
import { uploadStatus } from './answers.ts';
import type { Metadata } from './upload-folder.ts';

export type TusHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface TusOptions {
  readonly folder: string;
  readonly maxBytes: number;
  /** The URL of an upload, for the client. */
  readonly locationOf: (id: string) => string;
  /** Returns the metadata to keep. Rejects an upload that may not begin. */
  readonly begin: (request: IncomingMessage, id: string, size: number, given: Metadata) => Promise<Metadata>;
  /** Rejects a request for an upload that is not the user's. */
  readonly check: (request: IncomingMessage, id: string) => Promise<void>;
  /** Puts a complete upload into its place, and returns the URL of the file. */
  readonly finish: (request: IncomingMessage, id: string) => Promise<string>;
  readonly isFinished: (id: string) => Promise<boolean>;
  readonly maskError: (error: unknown) => GraphQLError;
}

type Request = Parameters<NonNullable<ConstructorParameters<typeof Server>[0]['onIncomingRequest']>>[0];

export const createTus = (options: TusOptions): TusHandler => {
  const { folder, maxBytes, locationOf, begin, check, finish, maskError } = options;
  const server = new Server({
    path: '/files',
    datastore: new UploadStore(folder, options.isFinished),
    maxSize: maxBytes,
    allowedHeaders: ['X-Signalbox-User'],
    exposedHeaders: [FILE_URL],
    // The server itself names the origins that are allowed.
    allowedOrigins: () => false,
    generateUrl: (_, { id }) => locationOf(id),
    onIncomingRequest: (request, id) => check(nodeOf(request), id),
    onUploadCreate: async (request, { id, size, metadata }) => ({
      metadata: textOf(await begin(nodeOf(request), id, size ?? 0, metadata ?? {})),
    }),
    onUploadFinish: async (request, { id }) => ({
      headers: { [FILE_URL]: encodeURI(await finish(nodeOf(request), id)) },
    }),
    onResponseError: (_, error) => {
      const own = error instanceof Error ? error : ofProtocol(error, maxBytes);
      const { message, extensions } = maskError(own);
      const { http: __, ...shown } = extensions;
      const status = error instanceof Error ? uploadStatus(String(extensions.code)) : error.status_code;
      return { status_code: status, body: JSON.stringify({ errors: [{ message, extensions: shown }] }) };
    },
  });
  return (request, response) => server.handle(request, response);
};

/** The header of the last answer that has the URL of the file. */
const FILE_URL = 'Signalbox-File';

const nodeOf = (request: Request): IncomingMessage => {
  const node = request.runtime?.node?.req;
  if (node === undefined) throw new Error('the request is not one of Node');
  return node as IncomingMessage;
};

const textOf = (metadata: Metadata): Record<string, string | null> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, value ?? null]));

/** A refusal of the protocol itself. */
const ofProtocol = ({ status_code: status, body }: { status_code: number; body: string }, maxBytes: number) => {
  if (status === 413) {
    return new SignalboxError(
      'PAYLOAD_TOO_LARGE',
      `the file is larger than declared, or than ${maxBytes} bytes (MAX_UPLOAD_BYTES)`,
    );
  }
  if (status === 404 || status === 410) return new SignalboxError('NOT_FOUND', 'this upload does not exist');
  return new SignalboxError('BAD_USER_INPUT', body.trim(), { field: 'headers' });
};

/** The size of an upload is known from its beginning: the quota depends on it. */
class UploadStore extends FileStore {
  readonly isFinished: TusOptions['isFinished'];

  constructor(directory: string, isFinished: TusOptions['isFinished']) {
    super({ directory });
    this.isFinished = isFinished;
    this.extensions = ['creation', 'creation-with-upload', 'termination'];
  }

  /** The bytes of a finished upload have gone to their place. */
  override async getUpload(id: string) {
    const kept = (await this.isFinished(id)) ? await this.configstore.get(id) : undefined;
    if (kept === undefined) return super.getUpload(id);
    // Only its own class knows whether the size is deferred.
    return Object.assign(kept, { offset: kept.size ?? 0 });
  }
}
