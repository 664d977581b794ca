/**
 * How job secrets are stored: encrypted with AES-256-GCM, under a key derived from SIGNALBOX_SECRET if it is set, and
 * otherwise under one derived from the key file of the data folder. What was sealed under the key file can still be
 * opened once SIGNALBOX_SECRET is set, as can what versions without a key file stored in plain text.
 */
import { createHmac, hkdfSync, randomBytes, scryptSync } from 'node:crypto';
import { openWith, sealWith } from './sealed.ts';

type Secrets = Readonly<Record<string, string>>;

export interface Vault {
  seal(secrets: Secrets): string;
  /** @throws Error, naming the setting or the file, for a value that was encrypted under another key */
  open(sealed: string): Secrets;
  /** A hash that cannot be compared with guesses without the key: 64 hexadecimal digits. */
  hash(text: string): string;
  /** Seals what leaves the server and comes back. Servers with the same secret on the same store open what others sealed. */
  boxFor(purpose: string): Box;
}

export interface Box {
  /** In base64url. */
  seal(content: string | Buffer): string;
  /** Null for a text that was not sealed for this purpose with the same secret. */
  open(sealed: string): Buffer | null;
}

export interface VaultKeys {
  /** SIGNALBOX_SECRET. Null: it is not set. */
  readonly secret: string | null;
  /** The 32 bytes of the key file. Null only if `secret` is set: there is no file. */
  readonly fileKey: Buffer | null;
  readonly storeId: string;
}

export const createVault = ({ secret, fileKey, storeId }: VaultKeys): Vault => {
  if (secret === null && fileKey === null) throw new Error('there is no key to encrypt credentials with');
  const known = new Map<string, Buffer>();
  const keyOf = (mark: Mark, salt: Buffer): Buffer => {
    const name = `${mark}${salt.toString('base64')}`;
    const key = known.get(name) ?? derive(mark, salt);
    known.set(name, key);
    return key;
  };
  const derive = (mark: Mark, salt: Buffer): Buffer => {
    if (mark === BY_SECRET) {
      if (secret === null)
        throw new NoKey(`the credentials of this job are encrypted, and SIGNALBOX_SECRET is not set`);
      return scryptSync(secret, salt, KEY_BYTES);
    }
    if (fileKey === null) throw new NoKey(`the credentials of this job are encrypted, and there is no ${KEY_FILE}`);
    return expand(fileKey, salt, 'signalbox credentials');
  };
  const mark = secret === null ? BY_FILE : BY_SECRET;
  // One salt per process, because key derivation is deliberately slow.
  const salt = randomBytes(SALT_BYTES);
  /** The same on every server of the store. */
  const shared = (purpose: string) =>
    expand(keyOf(mark, Buffer.from(`signalbox ${storeId}`)), Buffer.alloc(0), `signalbox ${purpose}`);
  return {
    seal: (secrets) =>
      mark + Buffer.concat([salt, sealWith(keyOf(mark, salt), JSON.stringify(secrets))]).toString('base64'),
    open: (sealed) => {
      const by = MARKS.find((one) => sealed.startsWith(one));
      if (by === undefined) return JSON.parse(sealed);
      const bytes = Buffer.from(sealed.slice(by.length), 'base64');
      try {
        const opened = openWith(keyOf(by, bytes.subarray(0, SALT_BYTES)), bytes.subarray(SALT_BYTES));
        return JSON.parse(opened.toString('utf8'));
      } catch (error) {
        if (error instanceof NoKey) throw error;
        throw new Error(`the credentials of this job were encrypted with another ${NAMES[by]}`);
      }
    },
    hash: (text) => createHmac('sha256', shared('hash')).update(text).digest('hex'),
    boxFor: (purpose) => ({
      seal: (content) => sealWith(shared(purpose), content).toString('base64url'),
      open: (sealed) => {
        try {
          return openWith(shared(purpose), Buffer.from(sealed, 'base64url'));
        } catch {
          return null;
        }
      },
    }),
  };
};

class NoKey extends Error {}

const expand = (key: Buffer, salt: Buffer, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, info, KEY_BYTES));

/** The name of the key file in the data folder. */
export const KEY_FILE = 'secret.key';
export const KEY_BYTES = 32;

/** How a stored value begins, by the key that sealed it. */
const BY_SECRET = 'aes-256-gcm:';
const BY_FILE = 'aes-256-gcm-file:';
const MARKS = [BY_SECRET, BY_FILE] as const;
type Mark = (typeof MARKS)[number];
const NAMES = { [BY_SECRET]: 'SIGNALBOX_SECRET', [BY_FILE]: KEY_FILE };
const SALT_BYTES = 16;
