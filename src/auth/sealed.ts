/** Text encrypted with AES-256-GCM: a random nonce, the authentication tag, and the encrypted text. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** @param key 32 bytes */
export const sealWith = (key: Buffer, text: string | Buffer): Buffer => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
};

/** @throws Error if the text was sealed with another key, or was changed */
export const openWith = (key: Buffer, sealed: Buffer): Buffer => {
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, tagEnd));
  return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]);
};

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
