/** Sends a file to the server by the tus protocol, so that a broken connection goes on where it was. */
import { randomUUID } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Upload } from 'tus-js-client';
import type { Client } from '../client/index.ts';
import type { Progress } from './progress.ts';

const RETRY_MS = [0, 1_000, 3_000, 10_000, 30_000];

export interface UploadPlace {
  readonly url: string;
  readonly token: string | undefined;
  readonly user: string | undefined;
}

/** @returns the path of the file on the server, as `files` lists it */
export const uploadFile = async (
  client: Client,
  file: string,
  place: UploadPlace,
  progress: Progress,
): Promise<string> => {
  const filename = `signalbox-import-${randomUUID()}/${basename(file)}`;
  const { token, user } = place;
  await new Promise<void>((resolve, reject) => {
    new Upload(createReadStream(file), {
      endpoint: place.url.replace(/graphql$/, 'files/'),
      uploadSize: statSync(file).size,
      chunkSize: 64 * 1024 * 1024,
      retryDelays: RETRY_MS,
      metadata: { filename },
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(user !== undefined && { 'x-signalbox-user': user }),
      },
      onProgress: (sent, total) => progress.show('sending', total === 0 ? 1 : sent / (total ?? sent)),
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
  progress.end();
  const path = await pathOf(client, filename);
  if (path === undefined) throw new Error(`${file} was sent, but the server does not list it`);
  return path;
};

/** The folder of the user comes before the name. */
const pathOf = async (client: Client, filename: string): Promise<string | undefined> => {
  const query = `query ($after: String) {
    files(first: 1000, after: $after) { nodes { path } pageInfo { hasNextPage endCursor } }
  }`;
  for (let after: string | null = null; ; ) {
    const { files }: { files: Page } = await client.request(query, { after });
    const found = files.nodes.find(({ path }) => path.endsWith(filename));
    if (found !== undefined || !files.pageInfo.hasNextPage) return found?.path;
    after = files.pageInfo.endCursor;
  }
};

interface Page {
  readonly nodes: readonly { readonly path: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
