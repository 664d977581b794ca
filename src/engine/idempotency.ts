import { createHash, scrypt } from 'node:crypto';
import type { Vault } from '../auth/vault.ts';
import { badInput } from '../errors.ts';
import type { Idempotency, Store } from '../store/store.ts';

/**
 * The idempotency key of a mutation, with a hash of its input.
 * @param laterDefaults the defaults of fields that the input did not always have, by path: equal values are left out
 * @throws BAD_USER_INPUT for an invalid key
 */
export type KeyOf = (
  mutation: string,
  key: string | null | undefined,
  input: unknown,
  laterDefaults?: Readonly<Record<string, unknown>>,
) => Promise<Idempotency | null>;

/** An input may contain secrets: its hash is keyed, so that a copy of the job store is not enough to guess them. */
export const createKeyOf =
  (vault: Pick<Vault, 'hash'>): KeyOf =>
  async (mutation, key, input, laterDefaults = {}) => {
    if (key === null || key === undefined) return null;
    if (key === '' || key.length > 255) {
      throw badInput('input.idempotencyKey', `idempotencyKey has ${key.length} characters: it must have 1 to 255`);
    }
    const text = canonical(without(input, laterDefaults));
    const hasPassphrase = /"encryptionPassphrase":"/.test(text);
    const plain = hasPassphrase
      ? await slowHash(text, `${mutation} ${key}`)
      : createHash('sha256').update(text).digest('hex');
    return { mutation, key, inputHash: keyed(vault, plain) };
  };

const keyed = (vault: Pick<Vault, 'hash'>, plain: string) => `${KEYED}${vault.hash(plain)}`;
/** How a keyed hash begins, in the store as well. */
const KEYED = 'hmac:';
const HASHES_AT_ONCE = 10_000;

/** Earlier versions stored the hashes of inputs without a key. They are replaced, and still match the same inputs. */
export const replacePlainHashes = async (store: Store, vault: Pick<Vault, 'hash'>): Promise<void> => {
  for (;;) {
    const plain = await store.hashesWithout(KEYED, HASHES_AT_ONCE);
    if (plain.length === 0) return;
    await store.replaceHashes(Object.fromEntries(plain.map((hash) => [hash, keyed(vault, hash)])));
  }
};

/** People choose passphrases: guessing one from its hash must cost as much as guessing it from the backup. */
const slowHash = (text: string, salt: string): Promise<string> =>
  new Promise((resolve, reject) => {
    scrypt(text, salt, 32, { N: 2 ** 15, r: 8, p: 3, maxmem: 128 * 1024 * 1024 }, (error, hash) =>
      error === null ? resolve(hash.toString('hex')) : reject(error),
    );
  });

/** JSON with sorted keys: the same input gives the same text, whatever the order of its fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

const without = (value: unknown, defaults: Readonly<Record<string, unknown>>, path = ''): unknown => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([name, part]) => {
    const at = `${path}${name}`;
    return !(Object.hasOwn(defaults, at) && defaults[at] === part);
  });
  return Object.fromEntries(kept.map(([name, part]) => [name, without(part, defaults, `${path}${name}.`)]));
};
