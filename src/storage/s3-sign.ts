/** Signatures of S3, version 4: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
import { createHash, createHmac } from 'node:crypto';

export interface S3Keys {
  readonly id: string;
  readonly secret: string;
  /** With keys that are lent for some time. */
  readonly token?: string | undefined;
  readonly region: string;
}

interface ToSign {
  readonly method: string;
  /** Its path and its parameters are encoded as in cloud-url.ts. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** The headers, and those that prove who asks and that the body is the one that was meant. */
export const signS3 = ({ method, url, headers, body }: ToSign, keys: S3Keys, now: Date): Record<string, string> => {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const hash = sha256(body ?? '');
  const signed: Record<string, string> = {
    ...headers,
    'x-amz-content-sha256': hash,
    'x-amz-date': time,
    ...(keys.token === undefined ? {} : { 'x-amz-security-token': keys.token }),
  };
  const named = Object.entries({ ...signed, host: url.host })
    .filter(([name]) => name === 'host' || name === 'range' || name.startsWith('x-amz-'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = named.map(([name]) => name).join(';');
  const lines = named.map(([name, value]) => `${name}:${value.trim()}\n`).join('');
  const canonical = [method, url.pathname, url.search.slice(1), lines, names, hash].join('\n');
  const day = time.slice(0, 8);
  const scope = `${day}/${keys.region}/s3/aws4_request`;
  const key = [day, keys.region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${keys.secret}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.id}/${scope},SignedHeaders=${names},Signature=${signature}`;
  return { ...signed, authorization };
};

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
