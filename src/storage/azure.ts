/** azure: where the store is, with which key, and what its words mean. */
import { azureContainer } from './azure-container.ts';
import { signAzure } from './azure-sign.ts';
import type { Bucket } from './cloud.ts';
import { endpointOf, keysOf, type Parameters } from './cloud-keys.ts';
import { type CloudLimits, cloudClient } from './cloud-request.ts';
import { urlsIn } from './cloud-url.ts';
import type { StoragePlaces } from './storage.ts';
import { type CloudUrl, StorageError } from './url.ts';

const PARAMETERS: Parameters = {
  keys: ['AZURE_ACCOUNT_NAME', 'AZURE_ACCOUNT_KEY'],
  alsoKeys: [],
  places: ['AZURE_ENDPOINT'],
  free: [],
};

/** @param shown the URL as it may be shown */
export const openAzure = (url: CloudUrl, shown: string, places: StoragePlaces, limits: CloudLimits): Bucket => {
  const { values, isServers } = keysOf(shown, url, PARAMETERS, places.serverCredentials);
  const { AZURE_ACCOUNT_NAME: account = '', AZURE_ACCOUNT_KEY: base64 = '' } = values;
  // It becomes a part of the host.
  if (!/^[a-z0-9-]{1,63}$/i.test(account)) throw new StorageError(`${shown} has an AZURE_ACCOUNT_NAME that names none`);
  const key = Buffer.from(base64, 'base64');
  if (key.length === 0) throw new StorageError(`${shown} has an AZURE_ACCOUNT_KEY that is not in base64`);
  const standard = `https://${account}.blob.core.windows.net`;
  const endpoint = endpointOf(shown, 'AZURE_ENDPOINT', values.AZURE_ENDPOINT ?? standard);
  const client = cloudClient({
    allowed: isServers ? [...places.allowPrivateHosts, endpoint.host] : places.allowPrivateHosts,
    limits,
    sign: (request, headers) => signAzure({ ...request, headers }, { account, key }, new Date()),
    wordsOf: (code) =>
      code === 'ContainerNotFound' ? `cannot be found: there is no container ${url.bucket}` : (WORDS[code] ?? null),
  });
  return azureContainer(client, urlsIn('azure', endpoint, url.bucket));
};

const WORDS: Readonly<Record<string, string>> = {
  AuthenticationFailed: 'may not be used: AZURE_ACCOUNT_KEY is wrong',
  AccountIsDisabled: 'may not be used: its account is disabled',
  ResourceNotFound: 'cannot be found: there is no such account',
  InvalidResourceName: 'has a name that no file there can have',
  InvalidUri: 'has a name that no file there can have',
  BlobArchived: 'cannot be read: it is archived',
  BlobImmutableDueToPolicy: 'cannot be changed: a policy forbids it',
  LeaseIdMissing: 'cannot be changed: somebody has a lease of it',
  SnapshotsPresent: 'cannot be removed: it has snapshots',
};
