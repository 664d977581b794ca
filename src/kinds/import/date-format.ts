/**
 * Reads dates as people write them and returns them as ISO 8601. The letters of a format are those of Unicode
 * (https://www.unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table); letters between ' are literal.
 */

type Part = 'year' | 'month' | 'day' | 'hour' | 'hour12' | 'minute' | 'second' | 'fraction' | 'half' | 'zone';

const LETTERS: readonly (readonly [string, Part, string])[] = [
  ['yyyy', 'year', '\\d{4}'],
  ['yy', 'year', '\\d{2}'],
  ['MM', 'month', '\\d{2}'],
  ['M', 'month', '\\d{1,2}'],
  ['dd', 'day', '\\d{2}'],
  ['d', 'day', '\\d{1,2}'],
  ['HH', 'hour', '\\d{2}'],
  ['H', 'hour', '\\d{1,2}'],
  ['hh', 'hour12', '\\d{2}'],
  ['h', 'hour12', '\\d{1,2}'],
  ['mm', 'minute', '\\d{2}'],
  ['m', 'minute', '\\d{1,2}'],
  ['ss', 'second', '\\d{2}'],
  ['s', 'second', '\\d{1,2}'],
  ['a', 'half', '[AaPp][Mm]'],
  ['XXX', 'zone', 'Z|[+-]\\d{2}:\\d{2}'],
  ['XX', 'zone', 'Z|[+-]\\d{4}'],
];

export type DateReader = (text: string) => string | null;

const MAX_FORMAT = 100;

/** Returns null from the reader for a text that is not written so. The day is not checked: the column does that. */
export const dateReader = (format: string): DateReader | { readonly problem: string } => {
  if (format.length > MAX_FORMAT) return { problem: `is longer than ${MAX_FORMAT} characters` };
  const parts: Part[] = [];
  let pattern = '';
  for (let at = 0; at < format.length; ) {
    const quoted = /^'((?:[^']|'')*)'/.exec(format.slice(at));
    const fraction = /^S{1,9}/.exec(format.slice(at))?.[0];
    const letters = LETTERS.find(([name]) => format.startsWith(name, at));
    if (quoted !== null) {
      pattern += escaped(quoted[0] === "''" ? "'" : (quoted[1] ?? '').replaceAll("''", "'"));
      at += quoted[0].length;
    } else if (fraction !== undefined) {
      parts.push('fraction');
      pattern += `(\\d{${fraction.length}})`;
      at += fraction.length;
    } else if (letters !== undefined) {
      parts.push(letters[1]);
      pattern += `(${letters[2]})`;
      at += letters[0].length;
    } else if (/[A-Za-z']/.test(format.charAt(at))) {
      return {
        problem: `has the letter ${JSON.stringify(format.charAt(at))}: use y M d H h m s S a X, or quote it with '`,
      };
    } else {
      pattern += escaped(format.charAt(at));
      at += 1;
    }
  }
  const problem = problemOf(parts);
  if (problem !== null) return { problem };
  const expression = new RegExp(`^${pattern}$`);
  return (text) => {
    const [match, ...values] = expression.exec(text) ?? [];
    return match === undefined ? null : isoOf(new Map(parts.map((part, i) => [part, values[i] ?? ''])));
  };
};

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

const problemOf = (parts: readonly Part[]): string | null => {
  const has = (part: Part) => parts.includes(part);
  const twice = parts.find((part, i) => parts.indexOf(part) < i);
  if (twice !== undefined) return `has the ${twice} twice`;
  const [date, time] = [['year', 'month', 'day'] as const, has('hour') || has('hour12')];
  const count = date.filter(has).length;
  if (count !== 0 && count !== date.length) return 'must have year, month and day, or none of them';
  if (count === 0 && !time) return 'has neither a day nor an hour';
  if (has('hour12') !== has('half')) return 'must have h and a together';
  if (time !== has('minute')) return 'must have hour and minute together';
  if ((has('second') && !time) || (has('fraction') && !has('second')))
    return 'has a part of a time without the larger one';
  return has('zone') && !time ? 'has a zone without a time' : null;
};

const two = (text: string) => text.padStart(2, '0');

const isoOf = (values: ReadonlyMap<Part, string>): string | null => {
  const of = (part: Part) => values.get(part);
  const year = of('year');
  // POSIX: two digits from 69 to 99 are in the last century.
  const century = year?.length === 2 ? (Number(year) >= 69 ? '19' : '20') : '';
  const date = year === undefined ? '' : `${century}${year}-${two(of('month') ?? '')}-${two(of('day') ?? '')}`;
  const hour = hourOf(values);
  if (hour === null) return null;
  if (hour === undefined) return date;
  const second = of('second');
  const fraction = of('fraction');
  const time = `${two(hour)}:${two(of('minute') ?? '')}${second === undefined ? '' : `:${two(second)}`}`;
  return `${date}${date === '' ? '' : ' '}${time}${fraction === undefined ? '' : `.${fraction}`}${of('zone') ?? ''}`;
};

/** Undefined without a time; null for an hour that does not exist. */
const hourOf = (values: ReadonlyMap<Part, string>): string | null | undefined => {
  const hour12 = values.get('hour12');
  if (hour12 === undefined) return values.get('hour');
  const hour = Number(hour12);
  if (hour < 1 || hour > 12) return null;
  return String((hour % 12) + (/^p/i.test(values.get('half') ?? '') ? 12 : 0));
};
