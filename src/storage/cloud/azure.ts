/** azure: the endpoint, the keys, and the meaning of its error codes. */

import type { StorageEnvironment } from '../storage.ts';
import { type CloudUrl, StorageError } from '../url.ts';
import { operatorBucket } from './bucket.ts';
import type { Bucket } from './cloud.ts';
import { addressOf, endpointOf, keysOf, type Parameters } from './keys.ts';
import type { CloudLimits } from './request.ts';

const PARAMETERS: Parameters = {
  keys: ['AZURE_ACCOUNT_NAME', 'AZURE_ACCOUNT_KEY'],
  alsoKeys: [],
  environment: ['AZURE_ENDPOINT'],
  free: [],
};

/** @param shown the URL in the form that may be displayed */
export const openAzure = (
  url: CloudUrl,
  redacted: string,
  environment: StorageEnvironment,
  limits: CloudLimits,
): Bucket => {
  const { values, isServers } = keysOf(redacted, url, PARAMETERS, environment.serverCredentials);
  const { AZURE_ACCOUNT_NAME: account = '', AZURE_ACCOUNT_KEY: key = '' } = values;
  // It becomes part of the host name.
  if (!/^[a-z0-9-]{1,63}$/i.test(account))
    throw new StorageError(`${redacted} has an AZURE_ACCOUNT_NAME that names none`);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(key)) {
    throw new StorageError(`${redacted} has an AZURE_ACCOUNT_KEY that is not in base64`);
  }
  const standard = `https://${account}.blob.core.windows.net`;
  const endpoint = endpointOf(redacted, 'AZURE_ENDPOINT', values.AZURE_ENDPOINT ?? standard);
  return operatorBucket(redacted, {
    scheme: 'azure',
    bucket: url.bucket,
    service: 'azblob',
    // OpenDAL has no option that disables other credentials, but looks for none when it has both of these.
    options: { container: url.bucket, endpoint: addressOf(endpoint), account_name: account, account_key: key },
    endpoint,
    allowed: isServers ? [...environment.allowPrivateHosts, endpoint.host] : environment.allowPrivateHosts,
    limits,
    wordsOf: ({ code }) =>
      code === 'ContainerNotFound' ? `cannot be found: there is no container ${url.bucket}` : (WORDS[code] ?? null),
  });
};

const WORDS: Readonly<Record<string, string>> = {
  AuthenticationFailed: 'may not be used: AZURE_ACCOUNT_KEY is wrong',
  AuthorizationFailure: 'may not be used: AZURE_ACCOUNT_KEY is wrong, or its network is not allowed',
  AccountIsDisabled: 'may not be used: its account is disabled',
  ResourceNotFound: 'cannot be found: there is no such account',
  InvalidResourceName: 'has a name that no file there can have',
  InvalidUri: 'has a name that no file there can have',
  BlobArchived: 'cannot be read: it is archived',
  BlobImmutableDueToPolicy: 'cannot be changed: a policy forbids it',
  LeaseIdMissing: 'cannot be changed: somebody has a lease of it',
  SnapshotsPresent: 'cannot be removed: it has snapshots',
};
