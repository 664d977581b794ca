import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { type Cloud, urlWith } from './cloud.ts';
import { temporaryFolder } from './process.ts';

export interface S3 extends Cloud {
  makeBucket(name: string): Promise<void>;
}

/** A store that speaks S3. It knows one key, and looks at no signature. */
export const startS3 = async (): Promise<S3> => {
  const folder = temporaryFolder();
  const S3rver = require('s3rver') as new (options: object) => S3rver;
  const options = { address: '127.0.0.1', port: 0, silent: true, directory: folder.path, vhostBuckets: false };
  const server = new S3rver(options);
  const { port } = await server.run();
  const host = `127.0.0.1:${port}`;
  const settings = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER', AWS_ENDPOINT: `http://${host}` };
  return {
    host,
    settings,
    url: urlWith('s3', settings),
    makeBucket: async (name) => {
      const response = await fetch(`http://${host}/${name}`, { method: 'PUT' });
      if (!response.ok) throw new Error(`s3rver answers ${response.status}`);
    },
    [Symbol.asyncDispose]: async () => {
      server.httpServer.closeAllConnections();
      await server.close();
      folder[Symbol.dispose]();
    },
  };
};

const require = createRequire(import.meta.url);

interface S3rver {
  readonly httpServer: Server;
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}
