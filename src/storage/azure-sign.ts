/** Signatures of Azure: https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
import { createHmac } from 'node:crypto';

export interface AzureKeys {
  readonly account: string;
  readonly key: Uint8Array;
}

interface ToSign {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

const VERSION = '2021-12-02';

/** The headers, and those that prove who asks. */
export const signAzure = (
  { method, url, headers, body }: ToSign,
  { account, key }: AzureKeys,
  now: Date,
): Record<string, string> => {
  const signed: Record<string, string> = { ...headers, 'x-ms-date': now.toUTCString(), 'x-ms-version': VERSION };
  const length = body === undefined || body.length === 0 ? '' : String(body.length);
  // Encoding, language, length, MD5, type, date, four conditions, range.
  const standard = ['', '', length, '', signed['content-type'] ?? '', '', '', '', '', '', signed.range ?? ''];
  const own = Object.entries(signed).filter(([name]) => name.startsWith('x-ms-'));
  const resource = [`/${account}${url.pathname}`, ...[...url.searchParams].sort(byName).map(lineOf)].join('\n');
  const text = [method, ...standard, ...own.sort(byName).map(lineOf), resource].join('\n');
  const signature = createHmac('sha256', key).update(text).digest('base64');
  return { ...signed, authorization: `SharedKey ${account}:${signature}` };
};

type Pair = [string, string];
const byName = ([a]: Pair, [b]: Pair) => (a < b ? -1 : 1);
const lineOf = ([name, value]: Pair) => `${name}:${value}`;
