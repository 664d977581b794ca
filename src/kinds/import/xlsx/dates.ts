/**
 * Dates of a workbook: a number of days whose format shows it as a date or a time. They become ISO 8601, to the
 * millisecond, which is the resolution of the application.
 */

/** What the format of a cell shows: a date and perhaps a time, a time of day, or hours that go on after 24. */
export type DateFormat = 'date' | 'datetime' | 'time' | 'elapsed';

/** The built-in formats, by number. */
const BUILT_IN: readonly (readonly [number, number, DateFormat])[] = [
  [14, 17, 'date'],
  [18, 21, 'time'],
  [22, 22, 'datetime'],
  [27, 36, 'date'],
  [45, 45, 'time'],
  [46, 46, 'elapsed'],
  [47, 47, 'time'],
  [50, 58, 'date'],
];

export const builtInFormat = (id: number): DateFormat | null =>
  BUILT_IN.find(([from, to]) => id >= from && id <= to)?.[2] ?? null;

/** Null for a format of numbers or text. */
export const dateFormatOf = (code: string): DateFormat | null => {
  const [section = ''] = code
    .replace(/"[^"]*"?|\\.|[_*]./gs, '')
    .replace(/\[(?!(?:h+|m+|s+)\])[^\]]*\]/gi, '')
    .split(';');
  if (/\[(?:h+|m+|s+)\]/i.test(section)) return 'elapsed';
  const tokens = section.replace(/general/gi, '').replace(/am\/pm|a\/p/gi, 'h');
  if (!/[ymdhs]/i.test(tokens)) return null;
  const hasTime = /[hs]/i.test(tokens);
  const hasDate = /[yd]/i.test(tokens) || !hasTime;
  if (!hasDate) return 'time';
  return hasTime ? 'datetime' : 'date';
};

const DAY_MS = 86_400_000;
/** 9999-12-31, as days since 1970. */
const LAST_DAY = 2_932_896;
/** Day 0 of both systems, as days since 1970: 1899-12-30 and 1904-01-01. */
const EPOCHS = { 1900: -25_569, 1904: -24_107 } as const;

/** Null for a number that is no date: negative, after 9999, or 29 February 1900, a day that the application invents. */
export const dateText = (serial: number, format: DateFormat, system: 1900 | 1904): string | null => {
  const total = Math.round(serial * DAY_MS);
  if (!Number.isSafeInteger(total) || total < 0) return null;
  const day = Math.floor(total / DAY_MS);
  const ms = total % DAY_MS;
  if (format === 'elapsed') return elapsedText(total);
  if (day === 0 && (system === 1900 || format === 'time')) {
    return format === 'date' && ms === 0 ? null : timeText(ms);
  }
  if (system === 1900 && day === 60) return null;
  const date = day + EPOCHS[system] + (system === 1900 && day < 60 ? 1 : 0);
  if (date > LAST_DAY) return null;
  const text = new Date(date * DAY_MS).toISOString().slice(0, 10);
  return format === 'date' && ms === 0 ? text : `${text}T${timeText(ms)}`;
};

const two = (number: number) => String(number).padStart(2, '0');

const timeText = (ms: number): string => {
  const seconds = Math.floor(ms / 1_000);
  const time = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return ms % 1_000 === 0 ? time : `${time}.${String(ms % 1_000).padStart(3, '0')}`;
};

const elapsedText = (total: number): string => {
  const hours = Math.floor(total / 3_600_000);
  return `${two(hours)}${timeText(total % 3_600_000).slice(2)}`;
};
