/** The input of a creation. One declaration defines both its parser and its type in the API. */
import { z } from 'zod';
import { atMost, forColumns } from '../../databases/inputs.ts';
import { parseInput as parse } from '../../jobs/declare.ts';
import { ENVELOPES, ERROR_POLICIES, INITIAL_SCANS, REPLACED_POLICIES, SOURCES } from './details.ts';

const MAX_TABLES = 100;
const MAX_RESOLVED_MS = 24 * 60 * 60 * 1_000;

const ENVELOPE = z.enum(ENVELOPES).meta({
  id: 'ChangefeedEnvelope',
  description: 'What a message holds. docs/changefeed-format.md describes each.',
  values: {
    WRAPPED: 'The key, the row as it is now, and the other fields that were requested.',
    BARE: 'The row as it is now, with the other fields in `_signalbox`.',
    KEY_ONLY: 'Only the key.',
  },
});
const INITIAL_SCAN = z.enum(INITIAL_SCANS).meta({
  id: 'InitialScan',
  description: 'Whether a changefeed sends the rows that exist when it starts.',
  values: {
    YES: 'First the existing rows, then every change.',
    NO: 'Only changes from now on.',
    ONLY: 'Only the existing rows: the job ends after them.',
  },
});
const ERROR_POLICY = z.enum(ERROR_POLICIES).meta({
  id: 'ErrorPolicy',
  description: 'What a changefeed does about an error that is not transient.',
  values: { FAIL: 'The job fails.', PAUSE: 'The job is paused with the error as its reason, and can be resumed.' },
});
const REPLACED_POLICY = z.enum(REPLACED_POLICIES).meta({
  id: 'TableReplacedPolicy',
  description: 'What a changefeed does when a watched table, or the file of the database, is replaced.',
  values: {
    FAIL: 'It is an error that is not transient: `onError` applies.',
    RESCAN: 'Sends the difference, deletions included.',
    PAUSE: 'The job is paused with what happened as its reason; resuming it rescans.',
  },
});
const SOURCE = z.enum(SOURCES).meta({
  id: 'ChangefeedSource',
  description: 'Where a changefeed reads the changes.',
  values: {
    AUTO: 'The log where the database has one for it, otherwise an error that names the setting. For SQLite, triggers.',
    LOG: 'The log of the database. SQLite has none that can be read.',
    TRIGGERS: 'Triggers on the tables, for which writers pay.',
  },
});
const COLUMNS = z
  .object({
    table: z.string().describe('One of the watched tables.'),
    columns: forColumns(z.string()).describe('The columns that are sent. An empty list sends the key only.'),
  })
  .meta({ id: 'ChangefeedColumns', description: 'The columns of a table that a changefeed sends, besides its key.' });

export const INPUT = z
  .object({
    database: z.string().describe('The name of the database.'),
    tables: atMost(MAX_TABLES, 'names', z.array(z.string()))
      .min(1, { error: 'tables is empty' })
      .describe('The tables to watch, from 1 to 100, each with a primary key. Names are literal.'),
    sink: z
      .string()
      .nullish()
      .default(null)
      .describe(
        'The URL that receives the messages: webhook-http:, webhook-https:, nodelocal:, s3:, azure: or gs:. If omitted, ' +
          'the messages are read through the `changefeed` subscription.',
      ),
    envelope: ENVELOPE.default('WRAPPED').describe('What a message holds.'),
    diff: z.boolean().default(false).describe('Adds the row as it was before the change. Only with envelope WRAPPED.'),
    updated: z.boolean().default(false).describe('Adds the time of the change to each message.'),
    resolvedEveryMs: z
      .int()
      .refine((ms) => ms >= 1 && ms <= MAX_RESOLVED_MS, {
        error: ({ input }) => `resolvedEveryMs ${input} must be from 1 to ${MAX_RESOLVED_MS}`,
      })
      .nullish()
      .default(null)
      .describe(
        'Sends, at most this often, a message that nothing older will follow. In milliseconds, up to 24 hours. No such ' +
          'messages if omitted.',
      ),
    initialScan: INITIAL_SCAN.default('YES').describe('Whether the existing rows are sent.'),
    onError: ERROR_POLICY.default('FAIL').describe('What happens after an error that is not transient.'),
    onTableReplaced: REPLACED_POLICY.default('FAIL').describe(
      "What happens when a watched table, or the database's file, is replaced by another of the same name.",
    ),
    backfill: z
      .boolean()
      .default(false)
      .describe('After a schema change of a watched table, sends its rows again in the new shape.'),
    operations: z.boolean().default(false).describe('Adds `operation` and `transaction` to each message.'),
    columns: atMost(MAX_TABLES, 'tables', z.array(COLUMNS))
      .nullish()
      .default(null)
      .describe('Only these columns, besides the key.'),
    source: SOURCE.default('AUTO').describe('Where the changes are read.'),
  })
  .superRefine(({ source }, context) => {
    if (source !== 'LOG') return;
    const message = 'source LOG is not possible: SQLite has no log that can be read; use AUTO or TRIGGERS';
    context.addIssue({ code: 'custom', path: ['source'], message });
  })
  .superRefine(({ diff, envelope }, context) => {
    if (!diff || envelope === 'WRAPPED') return;
    const message = `diff is for envelope WRAPPED: envelope ${envelope} has no field for the previous row`;
    context.addIssue({ code: 'custom', path: ['diff'], message });
  })
  .meta({ id: 'CreateChangefeedInput', description: 'A changefeed to create.' });

export type ChangefeedInput = z.input<typeof INPUT>;
export type Input = z.output<typeof INPUT>;

/** @throws BAD_USER_INPUT naming the first field that is invalid */
export const parseInput = (input: unknown): Input => parse(INPUT, input);
