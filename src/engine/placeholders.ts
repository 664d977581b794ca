/** `{date}`, `{time}` and `{run}` in the URLs of a scheduled job, which are replaced at each run. */
import type { Placeholders } from '../jobs/schedule.ts';

const IS_URL = /^[a-z][a-z0-9+.-]*:\/\//i;
const PLACEHOLDER = /\{(date|time|run)\}/g;

export const hasPlaceholder = (value: unknown): boolean =>
  typeof value === 'string' && IS_URL.test(value) && value.search(PLACEHOLDER) !== -1;

/** A copy of an input with the placeholders in its URLs replaced, at any depth. */
export const fill = <T>(input: T, values: Placeholders): T => filled(input, values) as T;

const filled = (value: unknown, values: Placeholders): unknown => {
  if (typeof value === 'string') {
    return IS_URL.test(value) ? value.replace(PLACEHOLDER, (_, name: keyof Placeholders) => values[name]) : value;
  }
  if (Array.isArray(value)) return value.map((part) => filled(part, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, filled(part, values)]));
};
