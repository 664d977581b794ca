/** The input of a creation. The parser and the API type are both derived from this one declaration. */
import { z } from 'zod';
import { ownNameOf } from '../../databases/inputs.ts';
import { parseInput as parse } from '../../jobs/declare.ts';
import { redactInput } from '../../storage/redact-input.ts';

const RESTORE_TABLE_AS = z
  .object({
    table: z.string().describe('The name of the table in the backup.'),
    to: ownNameOf('table').describe('The name that it gets.'),
  })
  .meta({ id: 'RestoreTableAs', description: 'A table that is restored under another name.' });

export const INPUT = z
  .object({
    source: z.string().describe('The URL of a complete backup: nodelocal:, s3:, azure:, gs:, http: or https:.'),
    tables: z
      .array(z.string())
      .min(1, { error: 'tables is empty: omit it for all tables' })
      .nullish()
      .describe('The tables to restore. All tables of the backup if omitted.'),
    database: z
      .string()
      .describe(
        'The name of the target database. It is created if it does not exist. A table that already exists in it is an ' +
          'error and is left as it is.',
      ),
    as: z
      .array(RESTORE_TABLE_AS)
      .min(1, { error: 'as is empty: omit it to keep all names' })
      .nullish()
      .describe(
        'The tables that are restored under other names. Their indexes, triggers and foreign keys, and the views that name ' +
          'them, follow. An index or a trigger whose name is in use gets the name of its table appended.',
      ),
    maxBytesPerSecond: z
      .int()
      .min(1, { error: 'maxBytesPerSecond must be at least 1' })
      .meta({ scalar: 'Count' })
      .nullish()
      .describe(
        'The number of bytes of the snapshot that the job may fetch in a second, on average. Unlimited if omitted.',
      ),
    verifyOnly: z
      .boolean()
      .default(false)
      .describe(
        'Reads and verifies everything, runs integrity_check on the result, makes nothing visible and leaves nothing. ' +
          'The database is not created, and nothing is written to one that exists.',
      ),
    encryptionPassphrase: z
      .string()
      .nullish()
      .describe('The passphrase of an encrypted backup. It is kept nowhere in the clear.'),
  })
  .meta({ id: 'CreateRestoreInput', description: 'A restore to create.' });

export type RestoreInput = z.input<typeof INPUT>;

/** @throws BAD_USER_INPUT naming the first field that is invalid */
export const parseInput = (input: unknown) => parse(INPUT, input);

export const redactRestore = (input: RestoreInput): RestoreInput =>
  redactInput(input, { urls: ['source'], secrets: ['encryptionPassphrase'] });
