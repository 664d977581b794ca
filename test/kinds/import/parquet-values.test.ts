import fc from 'fast-check';
import type { SchemaElement } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { columnTypeOf, type RawValue, valueReader } from '../../../src/kinds/import/parquet-values.ts';

const element = (more: Partial<SchemaElement>): SchemaElement => ({ name: 'value', ...more });
const cellOf = (of: SchemaElement, value: Exclude<RawValue, null | undefined>, isBytes = false) =>
  valueReader(of, { untyped: false, isBytes })?.read(value);
const bytes = (...values: readonly number[]) => Uint8Array.from(values);

describe('a decimal keeps all its digits', () => {
  const logical = { type: 'DECIMAL', precision: 30, scale: 2 } as const;
  test.each<[SchemaElement, Exclude<RawValue, null | undefined>, string]>([
    [element({ type: 'INT32', logical_type: logical }), 100, '1.00'],
    [element({ type: 'INT64', logical_type: logical }), -5n, '-0.05'],
    [
      element({ type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 0 }),
      9007199254740993n,
      '9007199254740993',
    ],
    [element({ type: 'FIXED_LEN_BYTE_ARRAY', logical_type: logical }), bytes(0xff, 0xff, 0x9c), '-1.00'],
    [element({ type: 'BYTE_ARRAY', logical_type: logical }), bytes(0x09, 0xc4), '25.00'],
    [element({ type: 'BYTE_ARRAY', logical_type: logical }), bytes(), '0.00'],
    [
      element({ type: 'FIXED_LEN_BYTE_ARRAY', converted_type: 'DECIMAL', precision: 38, scale: 3 }),
      Uint8Array.from(Buffer.from('018ee90ff6c373e0ee4e3f0ad2', 'hex')),
      '123456789012345678901234567.890',
    ],
  ])('%j', (of, value, text) => {
    expect(cellOf(of, value)).toBe(text);
  });

  test('and is inferred as a type that keeps them', () => {
    const typeOf = (precision: number) =>
      columnTypeOf(element({ type: 'INT64', logical_type: { ...logical, precision } }));
    expect([typeOf(15), typeOf(16)]).toEqual(['DECIMAL(15,2)', 'TEXT']);
  });
});

describe('times are ISO 8601, and one that no calendar has is bad', () => {
  const timestamp = (unit: 'MILLIS' | 'MICROS' | 'NANOS', isAdjustedToUTC: boolean) =>
    element({ type: 'INT64', logical_type: { type: 'TIMESTAMP', unit, isAdjustedToUTC } });
  test.each<[SchemaElement, number | bigint, string | undefined]>([
    [timestamp('MILLIS', true), 1n, '1970-01-01T00:00:00.001Z'],
    [timestamp('MICROS', false), -1n, '1969-12-31T23:59:59.999999'],
    [timestamp('NANOS', true), 1_700_000_000_123_456_789n, '2023-11-14T22:13:20.123456789Z'],
    [timestamp('MILLIS', true), 253_402_300_800_000n, undefined],
    [element({ type: 'INT96' }), 0n, '1970-01-01T00:00:00'],
    [element({ type: 'INT32', logical_type: { type: 'DATE' } }), -1, '1969-12-31'],
    [element({ type: 'INT32', converted_type: 'DATE' }), 2_932_897, undefined],
    [element({ type: 'INT32', converted_type: 'TIME_MILLIS' }), 3_723_004, '01:02:03.004'],
    [element({ type: 'INT64', converted_type: 'TIME_MICROS' }), 86_400_000_000n, undefined],
  ])('%j %s', (of, value, text) => {
    expect(cellOf(of, value)).toBe(text);
  });
});

test('timestamps of any unit are those that Date has', () => {
  const units = fc.constantFrom(['MILLIS', 3] as const, ['MICROS', 6] as const, ['NANOS', 9] as const);
  const date = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(date, fc.nat({ max: 999 })), { minLength: 1, maxLength: 5 }),
      units,
      (rows, [unit, digits]) => {
        const of = element({ type: 'INT64', logical_type: { type: 'TIMESTAMP', unit, isAdjustedToUTC: true } });
        const reader = valueReader(of, { untyped: false, isBytes: false });
        for (const [at, micros] of rows) {
          const more = digits === 3 ? 0n : BigInt(micros) * 10n ** BigInt(digits - 6);
          const value = BigInt(at.getTime()) * 10n ** BigInt(digits - 3) + more;
          const fraction =
            at.toISOString().slice(20, 23) +
            (digits === 3
              ? ''
              : String(micros)
                  .padStart(3, '0')
                  .padEnd(digits - 3, '0'));
          const isWhole = Number(fraction) === 0;
          expect(reader?.read(value)).toBe(`${at.toISOString().slice(0, 19)}${isWhole ? '' : `.${fraction}`}Z`);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('unsigned integers, floats of 16 bits, UUIDs and bytes', () => {
  expect(cellOf(element({ type: 'INT64', converted_type: 'UINT_64' }), -1n)).toBe('18446744073709551615');
  expect(cellOf(element({ type: 'INT32', converted_type: 'UINT_32' }), -1)).toBe('4294967295');
  const half = element({ type: 'FIXED_LEN_BYTE_ARRAY', logical_type: { type: 'FLOAT16' } });
  expect([bytes(0, 0x3c), bytes(0, 0xc0), bytes(1, 0x7e), bytes(0, 0x7c)].map((value) => cellOf(half, value))).toEqual([
    ...['1', '-2', 'NaN', 'Infinity'],
  ]);
  const uuid = element({ type: 'FIXED_LEN_BYTE_ARRAY', logical_type: { type: 'UUID' } });
  expect(
    cellOf(
      uuid,
      Uint8Array.from({ length: 16 }, (_, i) => i),
    ),
  ).toBe('00010203-0405-0607-0809-0a0b0c0d0e0f');
  const plain = element({ type: 'BYTE_ARRAY' });
  expect([cellOf(plain, bytes(0x61)), cellOf(plain, bytes(0xff)), cellOf(plain, bytes(0xff), true)]).toEqual([
    ...['a', undefined, '\\xff'],
  ]);
});

test('a type that cannot be imported has no reader', () => {
  const list = element({ type: 'BYTE_ARRAY', converted_type: 'LIST' });
  expect(valueReader(list, { untyped: false, isBytes: false })).toBeNull();
  expect(columnTypeOf(list)).toBeNull();
});
