/** Tokens for an account of a service, asked for with its key: https://developers.google.com/identity/protocols/oauth2/service-account */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Transient } from '../jobs/kind.ts';
import { endpointOf } from './cloud-keys.ts';
import { bodyOf } from './http.ts';
import { type HttpPlace, send } from './http-request.ts';
import { StorageError } from './url.ts';

export interface ServiceAccount {
  readonly email: string;
  readonly key: KeyObject;
  readonly tokenUrl: URL;
}

const FILE = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string(),
  token_uri: z.string().default('https://oauth2.googleapis.com/token'),
});

/** @param base64 the file of keys as it is in a URL */
export const givenAccount = (shown: string, base64: string): ServiceAccount =>
  accountOf(shown, 'CREDENTIALS', Buffer.from(base64, 'base64').toString());

export const serversAccount = (shown: string, file: string): ServiceAccount => {
  const name = 'GOOGLE_APPLICATION_CREDENTIALS';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new StorageError(`${shown} has no keys of its own, and the server's ${name} is not a file that it can read`);
  }
  return accountOf(shown, `server's ${name}`, text);
};

const accountOf = (shown: string, name: string, text: string): ServiceAccount => {
  try {
    const { client_email: email, private_key: key, token_uri: url } = FILE.parse(JSON.parse(text));
    return { email, key: createPrivateKey(key), tokenUrl: endpointOf(shown, 'token_uri', url) };
  } catch (error) {
    if (error instanceof StorageError) throw error;
    // What is wrong in it is not said: it would quote the key.
    throw new StorageError(`${shown}: its ${name} is not the file of keys of a service account, in JSON`);
  }
};

const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';
const LIFE_S = 3_600;
const EARLY_S = 300;

/** A token that is good for a while, asked for when there is none. */
export const tokens = (account: ServiceAccount, place: Pick<HttpPlace, 'shown' | 'allowed' | 'limits'>) => {
  let kept: { readonly token: string; readonly untilS: number } | null = null;
  return async (signal: AbortSignal): Promise<string> => {
    const nowS = Math.floor(Date.now() / 1000);
    if (kept === null || kept.untilS - EARLY_S < nowS) kept = await askFor(account, place, nowS, signal);
    return kept.token;
  };
};

const askFor = async (
  { email, key, tokenUrl: url }: ServiceAccount,
  { shown, allowed, limits }: Pick<HttpPlace, 'shown' | 'allowed' | 'limits'>,
  nowS: number,
  signal: AbortSignal,
) => {
  const place: HttpPlace = { url, shown, allowed, limits, done: 'read' };
  const claims = { iss: email, scope: SCOPE, aud: url.href, iat: nowS, exp: nowS + LIFE_S };
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => base64url(JSON.stringify(part))).join('.');
  const assertion = `${signed}.${base64url(sign('RSA-SHA256', Buffer.from(signed), key))}`;
  const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'signalbox' };
  const response = await send(place, { method: 'POST', url, headers, body: Buffer.from(form.toString()) }, signal);
  const { statusCode: status = 0 } = response;
  if (status >= 500 || status === 429) {
    response.destroy();
    throw new Transient(`${shown} cannot be used now: its keys cannot be checked (${status})`);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of bodyOf(place, response, signal)) pieces.push(piece);
  const answer = status === 200 ? ANSWER.safeParse(jsonOf(Buffer.concat(pieces).toString())) : null;
  if (!answer?.success) throw new StorageError(`${shown} may not be used: its keys are not accepted (${status})`);
  return { token: answer.data.access_token, untilS: nowS + answer.data.expires_in };
};

const ANSWER = z.object({ access_token: z.string().regex(/^[\x21-\x7e]+$/), expires_in: z.number().default(LIFE_S) });

const base64url = (content: string | Uint8Array) => Buffer.from(content).toString('base64url');

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
