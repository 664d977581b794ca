/** The input of a creation. The parser and the API type are both derived from this one declaration. */
import { z } from 'zod';
import { parseInput as parse } from '../../jobs/declare.ts';
import { redactInput } from '../../storage/redact-input.ts';

export const INPUT = z
  .object({
    database: z.string().describe('The name of the database to back up.'),
    tables: z
      .array(z.string())
      .min(1, { error: 'tables is empty: omit it for all tables' })
      .nullish()
      .describe('The tables to back up. All tables that exist when the snapshot is taken if omitted.'),
    destination: z
      .string()
      .describe('The storage URL of a folder that holds no backup yet: nodelocal:, s3:, azure: or gs:.'),
    incrementalFrom: z
      .string()
      .nullish()
      .describe('The URL of the parent backup. Only content that the parent lacks is stored; a restore needs both.'),
    encryptionPassphrase: z
      .string()
      .min(1, { error: 'encryptionPassphrase is empty: omit it for a backup that is not encrypted' })
      .max(1024, { error: 'encryptionPassphrase is too long: it may have 1024 characters' })
      .nullish()
      .describe(
        'Encrypts the backup with AES-256-GCM. A restore needs the same passphrase, and so does a backup that is ' +
          'incremental on this one. It is kept nowhere in the clear, and it cannot be recovered.',
      ),
    maxBytesPerSecond: z
      .int()
      .min(1, { error: 'maxBytesPerSecond must be at least 1' })
      .meta({ scalar: 'Count' })
      .nullish()
      .describe('The number of bytes that the job may store in a second, on average. Unlimited if omitted.'),
    keep: z
      .int()
      .min(1, { error: 'keep must be at least 1' })
      .nullish()
      .describe(
        'How many backups remain: when this one is complete, older complete ones of the same user and database are removed ' +
          'whose destinations differ from this one in nothing but digits, such as a date. One that another backup needs, or that ' +
          'a job uses, stays. None is removed if omitted.',
      ),
    integrityCheck: z
      .boolean()
      .default(false)
      .describe(
        "Runs SQLite's integrity_check on the snapshot. A fault does not fail the job: it is among its warnings, since a " +
          'backup of a damaged database may be the best there is.',
      ),
  })
  .meta({ id: 'CreateBackupInput', description: 'A backup to create.' });

export type BackupInput = z.input<typeof INPUT>;

/** @throws BAD_USER_INPUT naming the first field that is invalid */
export const parseInput = (input: unknown) => parse(INPUT, input);

export const redactBackup = (input: BackupInput): BackupInput =>
  redactInput(input, { urls: ['destination', 'incrementalFrom'], secrets: ['encryptionPassphrase'] });
