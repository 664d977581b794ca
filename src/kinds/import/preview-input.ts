/** The input and the answer of a preview. */
import { z } from 'zod';
import { atMost, COLUMN_INPUT, forColumns, or } from '../../databases/inputs.ts';
import { atLeast, DETECT_CSV } from './csv-options.ts';
import type { TableColumn } from './details.ts';
import { FIELDS } from './field-mapping.ts';
import { COMPRESSION, ENCODING, FORMAT, type Input, MAX_SOURCES } from './input.ts';
import type { Reject } from './port.ts';

const MAX_ROWS = 1_000;

export const PREVIEW_INPUT = z
  .object({
    database: or(z.string(), null).describe(
      'The name of a database. With `table`, the columns of that table are used.',
    ),
    table: or(z.string(), null).describe('The name of a table that exists.'),
    sources: atMost(MAX_SOURCES, 'URLs', z.array(z.string()))
      .min(1, { error: 'sources is empty' })
      .describe('The URLs of the sources. The first one is read.'),
    format: FORMAT.nullish().describe('The format. Detected if omitted.'),
    csv: DETECT_CSV.nullish().describe('How CSV is parsed. What it leaves out is detected.'),
    decompress: COMPRESSION.nullish().describe('How the source is compressed. Detected if omitted.'),
    encoding: ENCODING.nullish().describe(
      'How its text is encoded: a label of the WHATWG Encoding Standard, or `AUTO`. Detected if omitted.',
    ),
    columns: or(forColumns(COLUMN_INPUT).min(1, { error: 'columns is empty' }), null).describe(
      'The columns of a new table. Inferred if omitted.',
    ),
    fields: or(FIELDS, null).describe('Which fields fill which columns.'),
    sheet: or(z.string(), null).describe('With format XLSX: the name of the sheet. The first one if omitted.'),
    rows: atLeast(0, 'rows')
      .max(MAX_ROWS, { error: ({ input }) => `rows ${input} must be at most ${MAX_ROWS}` })
      .default(20)
      .describe('The number of rows to return, up to 1,000.'),
  })
  .meta({ id: 'ImportPreviewInput', description: 'A source to preview. What is left out is detected.' });

export interface Preview {
  readonly format: Input['format'];
  readonly compression: string;
  readonly encoding: string;
  readonly delimiter: string | null;
  readonly quote: string | null;
  readonly escape: string | null;
  readonly comment: string | null;
  readonly header: boolean | null;
  readonly skip: number | null;
  /** XLSX only. */
  readonly sheets: readonly string[] | null;
  readonly fieldNames: readonly string[];
  readonly columns: readonly Pick<TableColumn, 'name' | 'type' | 'nullable'>[];
  readonly rows: readonly (readonly unknown[])[];
  readonly problems: readonly Reject[];
}

export type PreviewInput = z.output<typeof PREVIEW_INPUT>;
