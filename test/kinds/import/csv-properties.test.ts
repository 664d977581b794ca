import { type Options, parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowTooLongError } from '../../../src/kinds/import/csv.ts';
import { bytes, collect, type Row, read } from './csv-reading.ts';

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const windowBytes = fc.integer({ min: 1, max: 40 });
const format = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  quote: fc.constantFrom('"', "'", null),
  comment: fc.constantFrom('#', null),
  nullif: fc.constantFrom('é', 'N', null),
});

const text = (...marks: readonly string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...marks), fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 5 })
    .map((parts) => parts.join('').replaceAll('\0', ''));
const field = fc.record({
  value: text('"', ',', ';', '\r\n', '\n', '\r', 'é', '日本', '😀', ' '),
  quoted: fc.boolean(),
});
const table = fc.array(
  fc.record({
    fields: fc.array(field, { minLength: 1, maxLength: 5 }),
    end: fc.constantFrom('\n', '\r\n', '\n\n', '\r\n\r\n', '\r', '\r\r\n'),
  }),
  { maxLength: 12 },
);

/** Text of the marks that matter, in any order: mostly wrong as CSV. */
const wild = fc
  .array(fc.constantFrom('a', 'é', '"', '"', ',', '\n', '\r\n', '\r', '#', ' ', 'b'), { maxLength: 40 })
  .map((parts) => parts.join(''));
const wildBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .array(fc.constantFrom(0x61, 0x22, 0x22, 0x2c, 0x0a, 0x0d, 0x23, 0x00, 0xff, 0xc3, 0xa9, 0xef, 0xbb, 0xbf), {
      maxLength: 40,
    })
    .map((codes) => Uint8Array.from(codes)),
);

type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

/** A table as CSV, quoted where it must be and where chance says so. */
function written(rows: Table, bom: boolean, cut: boolean): string {
  const lines = rows.map(({ fields, end }) => {
    const cells = fields.map(({ value, quoted }) =>
      quoted || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value,
    );
    return cells.join(',') + end;
  });
  const source = (bom ? '\ufeff' : '') + lines.join('');
  return cut ? source.replace(/[\r\n]+$/, '') : source;
}

/** The rows as csv-parse reads them, null where it finds a fault. */
function oracle(source: string, options: Options = {}): unknown {
  try {
    return parse(source, {
      bom: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      cast: (value, context) => (value === '' && !context.quoting ? null : value),
      ...options,
    });
  } catch {
    return null;
  }
}

const fieldsIn = (rows: readonly Row[]) => rows.map((row) => row.fields);

describe('reading CSV', () => {
  it('finds in a table what csv-parse finds, however it is quoted and cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.boolean(),
        fc.boolean(),
        sizes,
        windowBytes,
        async (rows, bom, cut, sizes, windowBytes) => {
          const source = written(rows, bom, cut);
          expect(fieldsIn(await read(source, { sizes, windowBytes }))).toEqual(oracle(source));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds in any text what csv-parse finds, and a fault where that refuses it', async () => {
    await fc.assert(
      fc.asyncProperty(
        wild,
        fc.constantFrom('#', null),
        sizes,
        windowBytes,
        async (anything, comment, sizes, windowBytes) => {
          // csv-parse also begins a comment right behind a closing quote, which is not the beginning of a line.
          const source = comment === null ? anything : anything.replace(/"#+/g, '"');
          const rows = await read(source, { format: { comment }, sizes, windowBytes });
          const faulty = rows.some((row) => row.fault !== null);
          const options = comment === null ? {} : { comment, comment_no_infix: true };
          expect(faulty ? null : fieldsIn(rows)).toEqual(oracle(source, options));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('finds what csv-parse finds with long delimiters and white space around fields', async () => {
    const delimiters = fc.constantFrom('||', '·', '::', ',');
    const spaces = fc.constantFrom('', ' ', '\t', '  ');
    await fc.assert(
      fc.asyncProperty(
        table,
        delimiters,
        fc.boolean(),
        spaces,
        sizes,
        windowBytes,
        async (rows, delimiter, trim, space, sizes, windowBytes) => {
          const around = trim ? space : '';
          const lines = rows.map(({ fields, end }) => {
            const cells = fields.map(({ value }) => `${around}"${value.replaceAll('"', '""')}"${around}`);
            return cells.join(delimiter) + end;
          });
          const source = lines.join('');
          const found = await read(source, { format: { delimiter, trim }, sizes, windowBytes });
          expect(fieldsIn(found)).toEqual(oracle(source, { delimiter, trim }));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is resumed behind any row with exactly the rows that remain', async () => {
    await fc.assert(
      fc.asyncProperty(wildBytes, format, sizes, windowBytes, async (source, format, sizes, windowBytes) => {
        const rows = await read(source, { format });
        for (const [i, row] of rows.entries()) {
          const from = { byte: row.end, line: row.nextLine };
          expect(await read(source, { format, from, sizes, windowBytes })).toEqual(rows.slice(i + 1));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on how the source is cut into chunks and windows', async () => {
    await fc.assert(
      fc.asyncProperty(
        wildBytes,
        format,
        fc.constantFrom(3, 8, 1000),
        sizes,
        windowBytes,
        async (source, format, maxRowBytes, sizes, windowBytes) => {
          const whole: Row[] = [];
          const pieces: Row[] = [];
          const wholeError = await collect(source, whole, { format: { ...format, maxRowBytes } });
          const piecesError = await collect(source, pieces, { format: { ...format, maxRowBytes }, sizes, windowBytes });
          expect(pieces).toEqual(whole);
          expect(piecesError).toEqual(wholeError);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('loses to bytes that are no UTF-8, or NUL, only the rows that hold them', async () => {
    const line = fc.record({
      text: text('é', '日', '😀', ',').map((s) => s.replace(/["\r\n]/g, '')),
      bad: fc.constantFrom(null, null, 0, 0xff, 0xc3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line), sizes, windowBytes, async (lines, sizes, windowBytes) => {
        const source = bytes(
          ...lines.flatMap(({ text, bad }) => (bad === null ? ['x', text, '\n'] : ['x', text, bad, '\n'])),
        );
        const good = await read(lines.map(({ text }) => `x${text}\n`).join(''));
        const rows = await read(source, { sizes, windowBytes });
        expect(rows.map((row) => row.fault?.reason ?? row.fields)).toEqual(
          lines.map(({ bad }, i) => (bad === null ? good[i]?.fields : bad === 0 ? 'a NUL byte' : 'invalid UTF-8')),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('throws nothing but RowTooLongError for any bytes, and its places only go forward', async () => {
    await fc.assert(
      fc.asyncProperty(
        wildBytes,
        format,
        fc.integer({ min: 0, max: 50 }),
        windowBytes,
        async (source, format, maxRowBytes, windowBytes) => {
          const rows: Row[] = [];
          const error = await collect(source, rows, { format: { ...format, maxRowBytes }, windowBytes });
          expect(error === null || error instanceof RowTooLongError).toBe(true);
          let before = { end: 0, nextLine: 1 };
          for (const row of rows) {
            expect(row.end).toBeGreaterThan(before.end);
            expect(row.line).toBeGreaterThanOrEqual(before.nextLine);
            expect(row.nextLine).toBeGreaterThanOrEqual(row.line);
            before = row;
          }
          expect(before.end).toBeLessThanOrEqual(source.length);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
