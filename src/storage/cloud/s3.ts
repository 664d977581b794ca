/** s3: the endpoint, the keys, and the meaning of its error codes. The bucket is part of the path. */

import type { StorageEnvironment } from '../storage.ts';
import { type CloudUrl, StorageError } from '../url.ts';
import { operatorBucket } from './bucket.ts';
import type { Bucket } from './cloud.ts';
import type { Refusal } from './errors.ts';
import { addressOf, endpointOf, keysOf, type Parameters } from './keys.ts';
import type { CloudLimits } from './request.ts';

const PARAMETERS: Parameters = {
  keys: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  alsoKeys: ['AWS_SESSION_TOKEN'],
  environment: ['AWS_ENDPOINT', 'AWS_REGION'],
  free: ['AWS_REGION'],
};

/** @param shown the URL in the form that may be displayed */
export const openS3 = (
  url: CloudUrl,
  redacted: string,
  environment: StorageEnvironment,
  limits: CloudLimits,
): Bucket => {
  const { values, isServers } = keysOf(redacted, url, PARAMETERS, environment.serverCredentials);
  const { AWS_ACCESS_KEY_ID: id = '', AWS_SECRET_ACCESS_KEY: secret = '', AWS_SESSION_TOKEN: token } = values;
  const { AWS_REGION: region = 'us-east-1' } = values;
  // It becomes part of the host name.
  if (!/^[a-z0-9-]{1,64}$/i.test(region)) throw new StorageError(`${redacted} has an AWS_REGION that names no region`);
  const endpoint = endpointOf(redacted, 'AWS_ENDPOINT', values.AWS_ENDPOINT ?? defaultOf(region));
  // OpenDAL would remove the bucket and connect to a host that was not checked.
  if (addressOf(endpoint).includes(`//${url.bucket.toLowerCase()}.`)) {
    throw new StorageError(`${redacted} has an AWS_ENDPOINT that begins with the bucket: give it without`);
  }
  return operatorBucket(redacted, {
    scheme: 's3',
    bucket: url.bucket,
    service: 's3',
    options: {
      bucket: url.bucket,
      region,
      endpoint: addressOf(endpoint),
      access_key_id: id,
      secret_access_key: secret,
      ...(token !== undefined && { session_token: token }),
      disable_config_load: 'true',
      disable_ec2_metadata: 'true',
      allow_anonymous: 'false',
      enable_virtual_host_style: 'false',
    },
    endpoint,
    allowed: isServers ? [...environment.allowPrivateHosts, endpoint.host] : environment.allowPrivateHosts,
    limits,
    wordsOf: (refusal) => wordsOf(refusal, url.bucket, region),
  });
};

const defaultOf = (region: string) => `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

const wordsOf = ({ code, region: itsRegion }: Refusal, bucket: string, region: string): string | null => {
  const isElsewhere = itsRegion !== null && itsRegion !== region;
  if (MISPLACED.has(code) || isElsewhere) {
    return `is in another region than ${region}${isElsewhere ? `: AWS_REGION=${itsRegion}` : ''}`;
  }
  if (code === 'NoSuchBucket') return `cannot be found: there is no bucket ${bucket}`;
  return WORDS[code] ?? null;
};

const MISPLACED = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'AuthorizationQueryParametersError',
  'IllegalLocationConstraintException',
]);

const WORDS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'may not be used: AWS_ACCESS_KEY_ID is not known there',
  SignatureDoesNotMatch: 'may not be used: AWS_SECRET_ACCESS_KEY is wrong',
  InvalidToken: 'may not be used: AWS_SESSION_TOKEN is wrong',
  ExpiredToken: 'may not be used: AWS_SESSION_TOKEN has expired',
  RequestTimeTooSkewed: "may not be used: the server's clock is wrong",
  InvalidBucketName: 'cannot be found: its bucket has a name that none can have',
  InvalidObjectState: 'cannot be read: it is archived',
  EntityTooLarge: 'cannot be written: it is too large',
  KeyTooLongError: 'has a name that is too long',
};
