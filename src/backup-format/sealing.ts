/**
 * Encrypts the files of a backup. scrypt derives two keys from the passphrase and the salt in the manifest: one for
 * AES-256-GCM, and one for the names of files, which would otherwise be hashes of their content. A sealed file is a
 * random nonce of 12 bytes, the encrypted content, and the tag of 16 bytes.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';

/** Enough to make each guess of a passphrase take a quarter of a second and 32 MiB. */
const COST = { N: 2 ** 15, r: 8, p: 3 };

/** Limits for manifests that others wrote: none may exhaust memory or time. */
export const KEY_PARAMETERS = z.object({
  cipher: z.literal('aes-256-gcm'),
  kdf: z.literal('scrypt'),
  N: z
    .int()
    .min(2)
    .max(2 ** 18)
    .refine((n) => Number.isInteger(Math.log2(n)), { error: 'is not a power of 2' }),
  r: z.int().min(1).max(8),
  p: z.int().min(1).max(8),
  salt: z.base64().min(16).max(64),
});
type KeyParameters = z.output<typeof KEY_PARAMETERS>;

export const newKeyParameters = (): KeyParameters => ({
  cipher: 'aes-256-gcm',
  kdf: 'scrypt',
  ...COST,
  salt: randomBytes(32).toString('base64'),
});

/** How the files of one backup are named and encrypted. */
export interface Sealing {
  /** The name of a chunk's file in the folder of chunks. */
  nameOf(name: string): string;
  /** @param context what the content is: it can be opened only as the same */
  seal(content: Uint8Array, context: string): Buffer;
  /** Null unless the content was sealed with the same passphrase, and is unchanged. */
  open(sealed: Uint8Array, context: string): Buffer | null;
  /** How much larger a file is than its content. */
  readonly overheadBytes: number;
  /** Null for a backup that is not encrypted. */
  readonly parameters: KeyParameters | null;
}

export const NOT_SEALED: Sealing = {
  nameOf: (name) => name,
  seal: (content) => Buffer.from(content.buffer, content.byteOffset, content.byteLength),
  open: (sealed) => Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength),
  overheadBytes: 0,
  parameters: null,
};

/** The passphrase is missing, not needed, or wrong. */
export class PassphraseError extends Error {
  override readonly name = 'PassphraseError';
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export const deriveSealing = async (passphrase: string, parameters: KeyParameters): Promise<Sealing> => {
  const keys = await deriveKeys(passphrase, parameters);
  const [key, nameKey] = [keys.subarray(0, 32), keys.subarray(32)];
  return {
    nameOf: (name) => createHmac('sha256', nameKey).update(name).digest('hex'),
    seal: (content, context) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, context) => {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
      const end = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(end));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
      } catch {
        return null;
      }
    },
    overheadBytes: NONCE_BYTES + TAG_BYTES,
    parameters,
  };
};

const deriveKeys = (passphrase: string, { N, r, p, salt }: KeyParameters): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: 2 * 128 * N * r + 1024 * 1024 };
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 64, options, (error, keys) =>
      error === null ? resolve(keys) : reject(error),
    );
  });

/** Derives each key once: the backups of a chain have the same. */
export type Unlock = (parameters: KeyParameters) => Promise<Sealing>;

export const createUnlock = (passphrase: string): Unlock => {
  const known = new Map<string, Promise<Sealing>>();
  return (parameters) => {
    const id = JSON.stringify(parameters);
    const sealing = known.get(id) ?? deriveSealing(passphrase, parameters);
    known.set(id, sealing);
    return sealing;
  };
};
