/** Numbers as they are written: exact, whatever their length. */

/** Sign, significant digits without zeros at either end, and the power of ten of the last digit. Zero has no digits. */
export interface Decimal {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** SQLite skips these around a number, too. */
const NUMBER = /^[ \t\n\v\f\r]*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?[ \t\n\v\f\r]*$/;

/** Returns null for a text that is no number. */
export const readDecimal = (text: string): Decimal | null => {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (sign === undefined || whole.length + fraction.length === 0) return null;
  const all = whole + fraction;
  let first = 0;
  while (first < all.length && all.charCodeAt(first) === ZERO) first += 1;
  let end = all.length;
  while (end > first && all.charCodeAt(end - 1) === ZERO) end -= 1;
  if (first === end) return { isNegative: false, digits: '', exponent: 0 };
  const power = Number(exponent) - fraction.length + (all.length - end);
  return { isNegative: sign === '-', digits: all.slice(first, end), exponent: power };
};

const ZERO = 48;

export const isSame = (one: Decimal, other: Decimal): boolean =>
  one.digits === other.digits && one.exponent === other.exponent && one.isNegative === other.isNegative;

/** The number of digits before the point; 0 for a number below one. */
export const wholeDigits = ({ digits, exponent }: Decimal): number => Math.max(0, digits.length + exponent);

/** The number of digits after the point. */
export const fractionDigits = ({ exponent }: Decimal): number => Math.max(0, -exponent);

/** The whole number; null for a number with a fraction, and for one with more than 40 digits. */
export const wholeOf = (decimal: Decimal): bigint | null => {
  if (decimal.exponent < 0 || wholeDigits(decimal) > 40) return null;
  const value = BigInt(`${decimal.digits || '0'}${'0'.repeat(decimal.exponent)}`);
  return decimal.isNegative ? -value : value;
};

/** Most digits that toPrecision accepts. */
const MAX_PRECISION = 100;

/**
 * The double that this text is one way of writing: as few digits as identify it, or as many of its own digits as the
 * text has. Returns null if the nearest double is another number.
 */
export const doubleOf = (decimal: Decimal, text: string): number | null => {
  const double = Number(text);
  if (!Number.isFinite(double)) return null;
  const { length } = decimal.digits;
  // Fifteen digits always identify a double, apart from the very small ones.
  if (length <= 15 && Math.abs(double) > 1e-290) return double;
  const isWritten = (written: string) => isSame(readDecimal(written) ?? decimal, decimal);
  if (double === 0) return length === 0 ? double : null;
  if (isWritten(String(double))) return double;
  return length <= MAX_PRECISION && isWritten(double.toPrecision(length)) ? double : null;
};
