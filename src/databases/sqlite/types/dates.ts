/** Dates and times as ISO 8601 and SQL write them. */

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?: ?(?:Z|z|UTC|[+-]\d{2}(?::?\d{2})?))?$/;

/** A day of the Gregorian calendar in the years 0001 to 9999. */
export const isDate = (text: string): boolean => {
  const [, year = '', month = '', day = ''] = DATE.exec(text) ?? [];
  return year !== '' && Number(year) > 0 && Number(day) > 0 && Number(day) <= daysIn(Number(year), Number(month));
};

const daysIn = (year: number, month: number): number => {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  if (month < 1 || month > 12) return 0;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

/** From 00:00 to 24:00:00, with a leap second, a fraction and an offset from UTC if there is one. */
export const isTime = (text: string): boolean => {
  const [, hour = '', minute = '', second = '0'] = TIME.exec(text) ?? [];
  if (hour === '') return false;
  if (Number(hour) === 24) return Number(minute) === 0 && Number(second) === 0;
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
};

/** A date, alone or followed by `T` or spaces and a time. */
export const isTimestamp = (text: string): boolean => {
  if (!isDate(text.slice(0, 10))) return false;
  if (text.length === 10) return true;
  const rest = text.slice(10);
  return /^(T|t| +)/.test(rest) && isTime(rest.replace(/^(T|t| +)/, ''));
};
