/**
 * No real store of this kind runs here: a fake of the few requests that our own HTTP sends. It shows that files are
 * signed by the key and under the name that are meant, by what is documented, and nothing about the real thing.
 */
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { type Cloud, urlWith } from './cloud.ts';

export interface FakeGs extends Cloud {
  readonly files: Map<string, Buffer>;
}

export const startFakeGs = async (): Promise<FakeGs> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const files = new Map<string, Buffer>();
  const server = createServer(async (asked, answer) => {
    const pieces: Buffer[] = [];
    for await (const piece of asked) pieces.push(piece as Buffer);
    if (!isSigned(asked, publicKey))
      return answer.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
    const [path = ''] = (asked.url ?? '').split('?');
    const name = decodeURIComponent(path);
    if (!name.startsWith('/bucket/')) return answer.writeHead(404).end('<Error><Code>NoSuchBucket</Code></Error>');
    if (asked.method === 'PUT') {
      files.set(name, Buffer.concat(pieces));
      return answer.end();
    }
    const content = files.get(name);
    if (content === undefined) return answer.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    const from = Number(/^bytes=(\d+)-/.exec(asked.headers.range ?? '')?.[1] ?? 0);
    const size = content.length;
    const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${size - 1}/${size}` };
    answer.writeHead(from === 0 ? 200 : 206, { 'content-length': size - from, etag: '"1"', ...range });
    return answer.end(asked.method === 'GET' ? content.subarray(from) : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const account = {
    type: 'service_account',
    client_email: 'somebody@example.test',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
  const credentials = Buffer.from(JSON.stringify(account)).toString('base64');
  const settings = { GS_ENDPOINT: `http://127.0.0.1:${port}`, CREDENTIALS: credentials };
  return {
    host: `127.0.0.1:${port}`,
    settings,
    files,
    url: urlWith('gs', settings),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const isSigned = ({ method, url = '', headers }: IncomingMessage, publicKey: Parameters<typeof verify>[2]): boolean => {
  const [path = '', query = ''] = url.split('?');
  const parameters = new URLSearchParams(query);
  const signature = parameters.get('X-Goog-Signature') ?? '';
  const signed = query.split('&').filter((parameter) => !parameter.startsWith('X-Goog-Signature='));
  const names = (parameters.get('X-Goog-SignedHeaders') ?? '').split(';');
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const request = [method, path, signed.sort().join('&'), lines, names.join(';'), 'UNSIGNED-PAYLOAD'].join('\n');
  const [, ...scope] = (parameters.get('X-Goog-Credential') ?? '').split('/');
  const hash = createHash('sha256').update(request).digest('hex');
  const text = ['GOOG4-RSA-SHA256', parameters.get('X-Goog-Date'), scope.join('/'), hash].join('\n');
  return verify('RSA-SHA256', Buffer.from(text), publicKey, Buffer.from(signature, 'hex'));
};
