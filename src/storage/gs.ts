/** gs: where the store is, with which key, and what its words mean. */
import type { Bucket } from './cloud.ts';
import { endpointOf, keysOf, type Parameters } from './cloud-keys.ts';
import { type CloudAnswer, type CloudLimits, cloudClient } from './cloud-request.ts';
import { gsBucket } from './gs-bucket.ts';
import { givenAccount, type ServiceAccount, serversAccount, tokens } from './gs-token.ts';
import type { StoragePlaces } from './storage.ts';
import type { CloudUrl } from './url.ts';

const PARAMETERS: Parameters = {
  keys: ['CREDENTIALS'],
  alsoKeys: [],
  places: ['GS_ENDPOINT'],
  free: [],
  serverKeys: ['GOOGLE_APPLICATION_CREDENTIALS'],
};

/** @param shown the URL as it may be shown */
export const openGs = (url: CloudUrl, shown: string, places: StoragePlaces, limits: CloudLimits): Bucket => {
  const { values, isServers } = keysOf(shown, url, PARAMETERS, places.serverCredentials);
  const { CREDENTIALS: given = '', GOOGLE_APPLICATION_CREDENTIALS: file = '' } = values;
  const account: ServiceAccount = isServers ? serversAccount(shown, file) : givenAccount(shown, given);
  const endpoint = endpointOf(shown, 'GS_ENDPOINT', values.GS_ENDPOINT ?? 'https://storage.googleapis.com');
  const own = isServers ? [endpoint.host, account.tokenUrl.host] : [];
  const allowed = [...places.allowPrivateHosts, ...own];
  const tokenFor = tokens(account, { shown, allowed, limits });
  const client = cloudClient({
    allowed,
    limits,
    sign: async (_, headers, signal) => ({ ...headers, authorization: `Bearer ${await tokenFor(signal)}` }),
    wordsOf: (_, answer) => wordsOf(answer, url.bucket),
  });
  return gsBucket(client, endpoint, url.bucket);
};

const wordsOf = ({ status, text }: CloudAnswer, bucket: string): string | null =>
  status === 404 && text.includes('bucket does not exist') ? `cannot be found: there is no bucket ${bucket}` : null;
