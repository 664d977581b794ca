/** Which fields of a CSV row fill which columns, and how the fields of a source are mapped. */
import { z } from 'zod';
import { forColumns, or } from '../../databases/inputs.ts';
import { atLeast } from './csv-options.ts';
import { dateReader } from './date-format.ts';

const REFERENCE = z
  .object({
    name: z.string().optional().describe('The name of the field in the header, or its key.'),
    position: atLeast(1, 'position').optional().describe('The position of the field, from 1.'),
  })
  .superRefine(({ name, position }, context) => {
    if ((name === undefined) !== (position === undefined)) return;
    context.addIssue({ code: 'custom', path: [], message: 'from must have either name or position' });
  })
  .meta({ id: 'FieldReference', description: 'A field of a source.', isOneOf: true });

const MAPPING = z
  .object({
    from: REFERENCE.describe('The field.'),
    column: z.string().describe('The name of the column that it fills.'),
    dateFormat: or(
      z.string().superRefine((format, context) => {
        const reader = dateReader(format);
        if ('problem' in reader)
          context.addIssue({ code: 'custom', message: `dateFormat ${JSON.stringify(format)} ${reader.problem}` });
      }),
      null,
    ).describe('How dates are written in this field, such as `dd.MM.yyyy HH:mm`. ISO 8601 if omitted.'),
  })
  .meta({ id: 'FieldMapping', description: 'Which field of a source fills a column. Other fields are ignored.' });

export const FIELDS = forColumns(MAPPING).min(1, { error: 'fields is empty: omit it to fill the columns by name' });
export type FieldMapping = z.output<typeof MAPPING>;

/** How the fields of a source are mapped, where they do not fill the columns of `fields` one by one. */
export const STORED_MAPPING = z.object({
  /** The number of fields of a row. */
  width: z.number(),
  /** For each column that is filled, the index of its field. */
  take: z.array(z.number()).readonly(),
  /** Fields without a name, which must be empty. */
  empty: z.array(z.number()).readonly(),
  /** For each column that is filled, how its dates are written; null for ISO 8601. */
  dates: z.array(z.string().nullable()).readonly(),
});
export type StoredMapping = z.output<typeof STORED_MAPPING>;
