/** s3: where the store is, with which keys, and what its words mean. The bucket is a part of the path. */
import type { Bucket } from './cloud.ts';
import { endpointOf, keysOf, type Parameters } from './cloud-keys.ts';
import { type CloudAnswer, type CloudLimits, cloudClient } from './cloud-request.ts';
import { urlsIn } from './cloud-url.ts';
import { s3Bucket } from './s3-bucket.ts';
import { signS3 } from './s3-sign.ts';
import type { StoragePlaces } from './storage.ts';
import { type CloudUrl, StorageError } from './url.ts';
import { textIn } from './xml.ts';

const PARAMETERS: Parameters = {
  keys: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  alsoKeys: ['AWS_SESSION_TOKEN'],
  places: ['AWS_ENDPOINT', 'AWS_REGION'],
  free: ['AWS_REGION'],
};

/** @param shown the URL as it may be shown */
export const openS3 = (url: CloudUrl, shown: string, places: StoragePlaces, limits: CloudLimits): Bucket => {
  const { values, isServers } = keysOf(shown, url, PARAMETERS, places.serverCredentials);
  const { AWS_ACCESS_KEY_ID: id = '', AWS_SECRET_ACCESS_KEY: secret = '', AWS_SESSION_TOKEN: token } = values;
  const { AWS_REGION: region = 'us-east-1' } = values;
  // It becomes a part of the host.
  if (!/^[a-z0-9-]{1,64}$/i.test(region)) throw new StorageError(`${shown} has an AWS_REGION that names no region`);
  const endpoint = endpointOf(shown, 'AWS_ENDPOINT', values.AWS_ENDPOINT ?? defaultOf(region));
  const client = cloudClient({
    allowed: isServers ? [...places.allowPrivateHosts, endpoint.host] : places.allowPrivateHosts,
    limits,
    sign: (request, headers) => signS3({ ...request, headers }, { id, secret, token, region }, new Date()),
    wordsOf: (code, answer) => wordsOf(code, answer, url.bucket, region),
  });
  return s3Bucket(client, urlsIn('s3', endpoint, url.bucket));
};

const defaultOf = (region: string) => `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

const wordsOf = (code: string, { headers, text }: CloudAnswer, bucket: string, region: string): string | null => {
  const { 'x-amz-bucket-region': header } = headers;
  const itsRegion = typeof header === 'string' ? header : textIn(text, 'Region');
  if (MISPLACED.has(code) || itsRegion !== null) {
    const isName = itsRegion !== null && itsRegion !== region && /^[a-z0-9-]+$/.test(itsRegion);
    return `is in another region than ${region}${isName ? `: AWS_REGION=${itsRegion}` : ''}`;
  }
  if (code === 'NoSuchBucket') return `cannot be found: there is no bucket ${bucket}`;
  return WORDS[code] ?? null;
};

const MISPLACED = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
]);

const WORDS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'may not be used: AWS_ACCESS_KEY_ID is not known there',
  SignatureDoesNotMatch: 'may not be used: AWS_SECRET_ACCESS_KEY is wrong',
  InvalidToken: 'may not be used: AWS_SESSION_TOKEN is wrong',
  ExpiredToken: 'may not be used: AWS_SESSION_TOKEN has expired',
  RequestTimeTooSkewed: "may not be used: the server's clock is wrong",
  NoSuchKey: 'does not exist',
  InvalidBucketName: 'cannot be found: its bucket has a name that none can have',
  InvalidObjectState: 'cannot be read: it is archived',
  EntityTooLarge: 'cannot be written: it is too large',
  KeyTooLongError: 'has a name that is too long',
};
