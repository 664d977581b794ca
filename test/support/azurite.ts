import { createRequire } from 'node:module';
import { Operator } from 'opendal';
import { type Cloud, urlWith } from './cloud.ts';

export interface Azurite extends Cloud {
  makeContainer(name: string): Promise<void>;
  /** The names of all files, with those of which only parts are there. */
  namesIn(container: string): Promise<string[]>;
}

const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A store of Azure's, in memory. */
export const startAzurite = async (): Promise<Azurite> => {
  const { default: BlobServer } = require('azurite/dist/src/blob/BlobServer') as { default: new (c: object) => Server };
  const { default: Configuration } = require('azurite/dist/src/blob/BlobConfiguration') as { default: Configuration };
  const settings = ['127.0.0.1', 0, 5, '', '', [], false, undefined, false, undefined, true, true] as const;
  const server = new BlobServer(new Configuration(...settings, '', '', '', undefined, false, true));
  await server.start();
  const { host } = new URL(server.getHttpServerAddress());
  const endpoint = `http://${host}/${ACCOUNT}`;
  const parameters = { AZURE_ACCOUNT_NAME: ACCOUNT, AZURE_ACCOUNT_KEY: KEY, AZURE_ENDPOINT: endpoint };
  // What is signed for one file of an account is signed for all of it.
  const options = { container: 'any', endpoint, account_name: ACCOUNT, account_key: KEY };
  const signed = new URL((await new Operator('azblob', options).presignStat('any', 3_600)).url).search.slice(1);
  const ask = async (method: string, path: string) => {
    const response = await fetch(`${endpoint}/${path}&${signed}`, { method });
    if (!response.ok) throw new Error(`azurite answers ${response.status}`);
    return response.text();
  };
  return {
    host,
    settings: parameters,
    url: urlWith('azure', parameters),
    makeContainer: async (name) => {
      await ask('PUT', `${name}?restype=container`);
    },
    namesIn: async (container) => {
      const listed = await ask('GET', `${container}?restype=container&comp=list&include=uncommittedblobs`);
      return [...listed.matchAll(/<Name>([^<]*)/g)].map(([, name = '']) => name);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
};

const require = createRequire(import.meta.url);

interface Server {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}
type Configuration = new (...settings: unknown[]) => object;
