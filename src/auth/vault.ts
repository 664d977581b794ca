/**
 * How job secrets are stored: encrypted with AES-256-GCM under a key derived from SIGNALBOX_SECRET if it is set,
 * otherwise in plain text. Secrets that were stored before SIGNALBOX_SECRET was set can still be read.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';

type Secrets = Readonly<Record<string, string>>;

export interface Vault {
  seal(secrets: Secrets): string;
  /** @throws Error, naming the setting, for a value that was encrypted under another secret */
  open(sealed: string): Secrets;
}

export const createVault = (secret: string | null): Vault => {
  const keyOf = (salt: Buffer) => scryptSync(secret ?? '', salt, 32);
  // One salt per process, because key derivation is deliberately slow.
  const salt = randomBytes(SALT_BYTES);
  const known = new Map<string, Buffer>();
  const cached = (of: Buffer) => {
    const key = known.get(of.toString('base64')) ?? keyOf(of);
    known.set(of.toString('base64'), key);
    return key;
  };
  return {
    seal: (secrets) => {
      const text = JSON.stringify(secrets);
      if (secret === null) return text;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', cached(salt), nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return MARK + Buffer.concat([salt, nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open: (sealed) => {
      if (!sealed.startsWith(MARK)) return JSON.parse(sealed);
      if (secret === null)
        throw new Error('the credentials of this job are encrypted, and SIGNALBOX_SECRET is not set');
      const bytes = Buffer.from(sealed.slice(MARK.length), 'base64');
      const [saltEnd, nonceEnd, tagEnd] = [SALT_BYTES, SALT_BYTES + NONCE_BYTES, SALT_BYTES + NONCE_BYTES + TAG_BYTES];
      try {
        const key = cached(bytes.subarray(0, saltEnd));
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(saltEnd, nonceEnd));
        decipher.setAuthTag(bytes.subarray(nonceEnd, tagEnd));
        return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8'));
      } catch {
        throw new Error('the credentials of this job were encrypted with another SIGNALBOX_SECRET');
      }
    },
  };
};

const MARK = 'aes-256-gcm:';
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
