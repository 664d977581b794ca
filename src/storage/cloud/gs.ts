/** gs: the endpoint, the keys, and the meaning of its error codes. It has not been tested against the real service. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { StorageEnvironment } from '../storage.ts';
import { type CloudUrl, StorageError } from '../url.ts';
import { operatorBucket } from './bucket.ts';
import type { Bucket } from './cloud.ts';
import { addressOf, endpointOf, keysOf, type Parameters } from './keys.ts';
import type { CloudLimits } from './request.ts';

const PARAMETERS: Parameters = {
  keys: ['CREDENTIALS'],
  alsoKeys: [],
  environment: ['GS_ENDPOINT'],
  free: [],
  serverKeys: ['GOOGLE_APPLICATION_CREDENTIALS'],
};

/** @param shown the URL in the form that may be displayed */
export const openGs = (
  url: CloudUrl,
  redacted: string,
  environment: StorageEnvironment,
  limits: CloudLimits,
): Bucket => {
  const { values, isServers } = keysOf(redacted, url, PARAMETERS, environment.serverCredentials);
  const { CREDENTIALS: given = '', GOOGLE_APPLICATION_CREDENTIALS: file = '' } = values;
  const credential = isServers ? serversAccount(redacted, file) : givenAccount(redacted, given);
  const endpoint = endpointOf(redacted, 'GS_ENDPOINT', values.GS_ENDPOINT ?? 'https://storage.googleapis.com');
  return operatorBucket(redacted, {
    scheme: 'gs',
    bucket: url.bucket,
    service: 'gcs',
    options: {
      bucket: url.bucket,
      endpoint: addressOf(endpoint),
      credential,
      disable_config_load: 'true',
      disable_vm_metadata: 'true',
      allow_anonymous: 'false',
    },
    // OpenDAL puts names into the signed request without encoding them.
    toSign: (key) => key.split('/').map(encoded).join('/'),
    // It issues the tokens for requests that are not signed.
    alsoHosts: ['oauth2.googleapis.com:443'],
    // As it is stored: the service would otherwise decompress files stored with gzip.
    headersToRead: { 'accept-encoding': 'gzip' },
    endpoint,
    allowed: isServers ? [...environment.allowPrivateHosts, endpoint.host] : environment.allowPrivateHosts,
    limits,
    wordsOf: ({ code }) =>
      code === 'NoSuchBucket' ? `cannot be found: there is no bucket ${url.bucket}` : (WORDS[code] ?? null),
  });
};

/** Encoded as it is signed, so that the signed request and the sent request are the same. */
const encoded = (segment: string): string =>
  encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const WORDS: Readonly<Record<string, string>> = {
  SignatureDoesNotMatch: 'may not be used: its keys are not accepted',
  InvalidSecurity: 'may not be used: its keys are not accepted',
  ExpiredToken: "may not be used: the server's clock is wrong",
};

const FILE = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string(),
});

/** @param base64 the key file as it is in the URL */
const givenAccount = (redacted: string, base64: string): string =>
  accountOf(redacted, 'CREDENTIALS', Buffer.from(base64, 'base64').toString());

const serversAccount = (redacted: string, file: string): string => {
  const name = 'GOOGLE_APPLICATION_CREDENTIALS';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new StorageError(
      `${redacted} has no keys of its own, and the server's ${name} is not a file that it can read`,
    );
  }
  return accountOf(redacted, `server's ${name}`, text);
};

/** The account alone: such files can also name files to read, and hosts to send them to. */
const accountOf = (redacted: string, name: string, text: string): string => {
  try {
    const account = FILE.parse(JSON.parse(text));
    createPrivateKey(account.private_key);
    return Buffer.from(JSON.stringify(account)).toString('base64');
  } catch {
    // The message does not include the cause: it would quote the key.
    throw new StorageError(`${redacted}: its ${name} is not the file of keys of a service account, in JSON`);
  }
};
