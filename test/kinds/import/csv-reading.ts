import { expect } from 'vitest';
import { type CsvFormat, readCsv } from '../../../src/kinds/import/csv.ts';
import type { Offset } from '../../../src/kinds/import/windows.ts';

export const START: Offset = { byte: 0, line: 1 };
/** The usual format. */
export const CSV: CsvFormat = { delimiter: ',', quote: '"', comment: null, nullif: null, maxRowBytes: 1024 * 1024 };

export interface Row {
  readonly fields: readonly (string | null)[];
  readonly end: number;
  readonly line: number;
  readonly nextLine: number;
  readonly fault: { readonly reason: string; readonly column?: number; readonly text: string } | null;
  readonly text: string;
}

interface Reading {
  readonly format?: Partial<CsvFormat>;
  readonly from?: Offset;
  readonly sizes?: readonly number[];
  readonly windowBytes?: number;
}

/** Cuts bytes into chunks of the sizes given, over and over. */
async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Reads into `rows` as far as it comes, and returns the error that ended it. */
export async function collect(source: string | Uint8Array, rows: Row[], reading: Reading = {}): Promise<unknown> {
  const bytes = Buffer.from(source);
  const { from = START, sizes = [65_536], windowBytes = 256 * 1024 } = reading;
  try {
    const chunks = chunked(bytes.subarray(from.byte), sizes);
    for await (const block of readCsv(chunks, { ...CSV, ...reading.format }, from, windowBytes)) {
      expect(block.rows.length).toBeGreaterThan(0);
      expect(block.rows.length).toBeLessThanOrEqual(4096);
      block.rows.forEach((fields, i) => {
        const fault = block.faults.get(i) ?? null;
        const place = { end: block.ends[i] ?? -1, line: block.lines[i] ?? -1, nextLine: block.nextLines[i] ?? -1 };
        rows.push({ fields, ...place, fault, text: block.text(i) });
      });
    }
    return null;
  } catch (error) {
    return error;
  }
}

/** Reads all rows; throws what ended the parse. */
export async function read(source: string | Uint8Array, reading: Reading = {}): Promise<Row[]> {
  const rows: Row[] = [];
  const error = await collect(source, rows, reading);
  if (error !== null) throw error;
  return rows;
}

export const bytes = (...parts: readonly (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))));
