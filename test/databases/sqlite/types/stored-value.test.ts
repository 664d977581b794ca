import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSame, readDecimal } from '../../../../src/databases/sqlite/types/decimal.ts';
import { sqliteTypeOf } from '../../../../src/databases/sqlite/types/declared-type.ts';
import {
  type BytesForm,
  type GivenValue,
  Misfit,
  storedForm,
} from '../../../../src/databases/sqlite/types/stored-value.ts';

interface Options {
  /** The table existed, with the declared type. */
  readonly exists?: boolean;
  readonly isStrict?: boolean;
  readonly bytes?: BytesForm;
}

/** The value that is read back, or the reason why none is stored. */
const roundTrip = (declared: string, value: GivenValue, { exists = false, isStrict = false, bytes }: Options = {}) => {
  const sqliteType = exists ? declared : sqliteTypeOf(declared, isStrict);
  const form = storedForm({ declared, sqliteType, isStrict, ...(bytes === undefined ? {} : { bytes }) });
  const bound = form === null ? (value as string) : form(value);
  if (bound instanceof Misfit) return { misfit: bound.reason };
  const sql = new Database(':memory:');
  try {
    sql.exec(`CREATE TABLE t (c ${sqliteType})${isStrict ? ' STRICT' : ''}`);
    sql.prepare('INSERT INTO t VALUES (?)').run(bound);
    const row = sql.prepare('SELECT typeof(c) AS type, c AS value FROM t').safeIntegers().get();
    const { type, value: stored } = row as { type: string; value: unknown };
    return { type, value: Buffer.isBuffer(stored) ? stored.toString('hex') : String(stored) };
  } finally {
    sql.close();
  }
};

const text = (value: string) => ({ type: 'text', value });
const whole = (value: string) => ({ type: 'integer', value });
const real = (value: string) => ({ type: 'real', value });
const bytes = (value: string) => ({ type: 'blob', value });

describe('a value is stored so that it can be read back', () => {
  test.each([
    ['STRING', '00601', text('00601')],
    ['STRING', '1E5', text('1E5')],
    ['STRING', '1.10', text('1.10')],
    ['STRING(4)', 'äöü😀', text('äöü😀')],
    ['VARCHAR(20)', '0042', text('0042')],
    ['character varying(5)', '00000', text('00000')],
    ['INTERVAL', '5', text('5')],
    ['POINT', '1', text('1')],
    ['INT[]', '{1,2}', text('{1,2}')],
    ['UUID', '00000000000000000000000000000001', text('00000000000000000000000000000001')],
    ['UUID', '6f1ed002-ab59-4e1c-8b5b-0d8c9f1e3c11', text('6f1ed002-ab59-4e1c-8b5b-0d8c9f1e3c11')],
    ['JSONB', '1.0', text('1.0')],
    ['BIT(4)', '0101', text('0101')],
    ['DATE', '2024-02-29', text('2024-02-29')],
    ['TIME', '23:59:60', text('23:59:60')],
    ['TIMESTAMPTZ', '2024-01-31T10:00:00.5+01:00', text('2024-01-31T10:00:00.5+01:00')],
    ['timestamp(3) with time zone', '2024-01-31 10:00:00Z', text('2024-01-31 10:00:00Z')],
    ['INTEGER', '9007199254740993.0', whole('9007199254740993')],
    ['INTEGER', '9223372036854775807', whole('9223372036854775807')],
    ['INTEGER', '-9223372036854775808', whole('-9223372036854775808')],
    ['INTEGER', '1e3', whole('1000')],
    ['INTEGER', '007', whole('7')],
    ['INTEGER', ' 12 ', whole('12')],
    ['int(11)', '12', whole('12')],
    ['BIGINT UNSIGNED', '9223372036854775807', whole('9223372036854775807')],
    ['INT2', '-32768', whole('-32768')],
    ['SERIAL', '5', whole('5')],
    ['DECIMAL(20,2)', '123456789012345678', whole('123456789012345678')],
    ['DECIMAL(6,2)', '1.50', real('1.5')],
    ['DECIMAL(6,2)', '2.500', real('2.5')],
    ['DECIMAL', '-0.10', real('-0.1')],
    ['NUMERIC', '1e3', whole('1000')],
    ['REAL', '0.1', real('0.1')],
    ['REAL', '0.30000000000000004', real('0.30000000000000004')],
    ['REAL', '0.1000000000000000055511151231257827', real('0.1')],
    ['DOUBLE PRECISION', '1e308', real('1e+308')],
    ['FLOAT8', 'Infinity', real('Infinity')],
    ['REAL', '5', real('5')],
    ['BYTEA', '\\x0102', bytes('0102')],
    ['BLOB', '\\xDEADbeef', bytes('deadbeef')],
    ['BLOB', 'äb', bytes('c3a462')],
    ['ANY', '007', text('007')],
  ])('%s %s', (declared, value, expected) => {
    expect(roundTrip(declared, value)).toEqual(expected);
  });

  test.each([...['true', 'T', '1', 'yes', 'Y', 'on'], true])('BOOL %s is 1', (value) => {
    expect(roundTrip('BOOL', value)).toEqual(whole('1'));
  });
  test.each([...['false', 'F', '0', 'no', 'N', 'off'], false])('BOOLEAN %s is 0', (value) => {
    expect(roundTrip('BOOLEAN', value)).toEqual(whole('0'));
  });

  test.each<[BytesForm, string, string]>([
    ['HEX', '0102', '0102'],
    ['HEX', '\\x0102', '0102'],
    ['BASE64', 'AQI=', '0102'],
    ['BASE64', 'abcd', '69b71d'],
    ['TEXT', '0102', '30313032'],
  ])('bytes as %s: %s', (form, value, expected) => {
    expect(roundTrip('BYTES', value, { bytes: form })).toEqual(bytes(expected));
  });
});

describe('a value without a stored form does not fit', () => {
  test.each([
    ['BIGINT', '9223372036854775808', 'out of the range of BIGINT'],
    ['BIGINT', 'abc', 'not an integer'],
    ['BIGINT', '', 'not an integer'],
    ['INTEGER', '1.5', 'not a whole number'],
    ['INTEGER', '1e400', 'out of the range of INTEGER'],
    ['INT2', '32768', 'out of the range of INT2'],
    ['TINYINT UNSIGNED', '-1', 'out of the range of TINYINT UNSIGNED'],
    [
      'DECIMAL(20,2)',
      '12345678901234567.89',
      'SQLite does not keep all digits of this DECIMAL(20,2): declare the column as TEXT',
    ],
    ['NUMERIC(6,2)', '1.005', 'more than 2 digits after the point of NUMERIC(6,2)'],
    ['NUMERIC(6,2)', '12345', 'more than 4 digits before the point of NUMERIC(6,2)'],
    ['NUMERIC(3)', '1.5', 'more than 0 digits after the point of NUMERIC(3)'],
    ['REAL', '1e400', 'REAL would change it to another number'],
    ['REAL', '1e-400', 'REAL would change it to another number'],
    ['REAL', '9007199254740993', 'REAL would change it to another number'],
    ['REAL', 'NaN', 'not a number'],
    ['REAL', '0x10', 'not a number'],
    ['BOOL', 'maybe', 'not a boolean, such as true, t, yes or 1'],
    ['BOOL', '2', 'not a boolean, such as true, t, yes or 1'],
    ['VARCHAR(3)', 'abcd', 'longer than 3 characters'],
    ['CHAR(2)', '😀😀😀', 'longer than 2 characters'],
    ['DATE', '2023-02-29', 'not a date as YYYY-MM-DD'],
    ['DATE', '20240131', 'not a date as YYYY-MM-DD'],
    ['TIME', '25:00', 'not a time as HH:MM:SS'],
    ['TIMESTAMP', '31.01.2024', 'not a time as YYYY-MM-DD HH:MM:SS'],
    ['UUID', 'x', 'not a UUID'],
    ['JSON', '{', 'not JSON'],
    ['BIT(2)', '012', 'not bits, such as 0101'],
    ['BYTEA', '\\x012', 'not bytes as text'],
    ['VARBINARY(1)', '\\x0102', 'longer than 1 bytes'],
  ])('%s %s', (declared, value, misfit) => {
    expect(roundTrip(declared, value)).toEqual({ misfit });
  });
});

describe('a column that existed, whose affinity would change a text', () => {
  test.each([
    ['STRING', '00601'],
    ['STRING', '1.10'],
    ['UUID', '00000000000000000000000000000001'],
    ['JSON', '1.0'],
    ['SHOE_SIZE', '007'],
    ['SHOE_SIZE', '12345678901234567.89'],
  ])('%s %s is refused', (declared, value) => {
    expect(roundTrip(declared, value, { exists: true })).toHaveProperty('misfit');
  });

  test.each([
    ['STRING', '601', whole('601')],
    ['STRING', '1.5', real('1.5')],
    ['STRING', 'a', text('a')],
    ['SHOE_SIZE', '42½', text('42½')],
    ['', '007', text('007')],
  ])('%s %s is kept', (declared, value, expected) => {
    expect(roundTrip(declared, value, { exists: true })).toEqual(expected);
  });
});

const NUMBER = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(22)).map(([digits, point]) => {
    const text = String(digits)
      .replace('-', '')
      .padStart(point + 1, '0');
    const at = text.length - point;
    return `${digits < 0n ? '-' : ''}${text.slice(0, at)}${point > 0 ? '.' : ''}${text.slice(at)}`;
  }),
  fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -330, max: 310 })).map(([n, e]) => `${n}e${e}`),
);

test('whatever number is accepted is read back as that number', () => {
  const types = [
    'INTEGER',
    'BIGINT',
    'INT4',
    'REAL',
    'DOUBLE PRECISION',
    'NUMERIC',
    'DECIMAL(12,3)',
    'STRING',
    'SHOE_SIZE',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.boolean(), NUMBER, (declared, exists, value) => {
      const result = roundTrip(declared, value, { exists });
      if ('misfit' in result) return;
      const [written, read] = [readDecimal(value), readDecimal(result.value)];
      if (declared === 'STRING' || declared === 'SHOE_SIZE') expect(result.value).toBe(value);
      else if (result.type === 'real' && read !== null) expect(Number(result.value)).toBe(Number(value));
      else expect(written !== null && read !== null && isSame(written, read)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('a decimal is exact, and a double is refused only where the text is another number', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 1, max: 25 }),
      (double, digits) => {
        expect(roundTrip('REAL', String(double))).toEqual(real(String(double === 0 ? 0 : double)));
        // A reader of `digits` digits gets the same double only if there are enough of them.
        const written = double.toPrecision(digits);
        const isSameDouble = Number(written) === double;
        if (isSameDouble) expect(roundTrip('REAL', written)).not.toHaveProperty('misfit');
      },
    ),
    { numRuns: 500 },
  );
});
