/**
 * The times of a cron expression in a time zone. The expression is applied to the clock on the wall: a local time that
 * does not exist, since the clock is put forward, stands for the next one that does; one that exists twice, since the
 * clock is put back, stands for the first. A day therefore has each run once.
 */
import { Cron } from 'croner';
import { badInput, messageOf } from '../errors.ts';
import type { Instant } from '../jobs/job.ts';

export interface CronTimes {
  /** The first time after an instant. Null if there is none. */
  after(at: Instant): Instant | null;
  /** The last time that is not after an instant. Null if there is none. */
  upTo(at: Instant): Instant | null;
  /** The local date and time, such as 2026-12-01 and 02-30-00. */
  localAt(at: Instant): { readonly date: string; readonly time: string };
}

const SECOND_MS = 1_000;
/** More than an offset can change by, and less than the time between two changes. */
const WINDOW_MS = 36 * 60 * 60 * 1_000;
const LONGEST = 200;

/** @throws BAD_USER_INPUT naming `cron` or `timeZone` below `field`, and the value */
export const readCron = (cron: string, timeZone: string, field = 'input'): CronTimes => {
  const offsetAt = readTimeZone(timeZone, `${field}.timeZone`);
  const pattern = readPattern(cron, `${field}.cron`);
  /** A local time is a number, as if it were one of UTC. */
  const localOf = (at: Instant) => floor(at) + offsetAt(at);

  /** The instant at which an offset has changed, between two instants with different offsets. */
  const changeBetween = (from: Instant, to: Instant): Instant => {
    let [low, high] = [floor(from), floor(to)];
    const before = offsetAt(low);
    while (high - low > SECOND_MS) {
      const middle = floor((low + high) / 2);
      if (offsetAt(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  };
  const instantOf = (local: number): Instant => {
    const offsets = [offsetAt(local - WINDOW_MS), offsetAt(local + WINDOW_MS)];
    const [first, last] = offsets.map((offset) => local - offset).sort((a, b) => a - b) as [Instant, Instant];
    if (localOf(first) === local) return first;
    if (localOf(last) === local) return last;
    return changeBetween(first, last);
  };
  /** The last local time whose instant is not after this one: during an hour that is repeated, the end of that hour. */
  const lastLocalUpTo = (at: Instant): number => {
    const local = localOf(at);
    const first = instantOf(local);
    if (first === floor(at) || offsetAt(first) === offsetAt(at)) return local;
    return changeBetween(first, at) + offsetAt(first) - SECOND_MS;
  };
  return {
    after: (at) => {
      let local: Date | null = new Date(lastLocalUpTo(at));
      for (;;) {
        local = pattern.nextRun(local);
        if (local === null) return null;
        const instant = instantOf(local.getTime());
        if (instant > at) return instant;
      }
    },
    upTo: (at) => {
      const [local] = pattern.previousRuns(1, new Date(lastLocalUpTo(at) + SECOND_MS));
      return local === undefined ? null : instantOf(local.getTime());
    },
    localAt: (at) => {
      const [date = '', time = ''] = new Date(localOf(at)).toISOString().slice(0, 19).split('T');
      return { date, time: time.replaceAll(':', '-') };
    },
  };
};

const floor = (at: Instant) => Math.floor(at / SECOND_MS) * SECOND_MS;

/** Returns the offset of the zone from UTC at an instant, in milliseconds. */
const readTimeZone = (timeZone: string, field: string): ((at: Instant) => number) => {
  const fail = () =>
    badInput(
      field,
      `${field} ${JSON.stringify(timeZone)} is not a time zone: give a name such as Europe/Berlin or UTC`,
    );
  if (timeZone.length > LONGEST) throw fail();
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { ...PARTS, timeZone });
  } catch {
    throw fail();
  }
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - floor(at);
  };
};

const PARTS = {
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;

const NICKNAME = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/i;

/** The pattern in UTC: local times are applied to it as if they were of UTC. */
const readPattern = (cron: string, field: string): Cron => {
  const shown = `${field} ${JSON.stringify(cron.slice(0, LONGEST))}`;
  const fields = cron.trim().split(/\s+/);
  if (cron.length > LONGEST || (fields.length !== 5 && fields.length !== 6 && !NICKNAME.test(cron.trim()))) {
    const wanted = 'give five or six fields, such as "30 2 * * *", or @daily and the like';
    throw badInput(field, `${shown} is not a cron expression: ${wanted}`);
  }
  let pattern: Cron;
  try {
    pattern = new Cron(cron.trim(), { timezone: 'UTC', paused: true });
  } catch (error) {
    throw badInput(field, `${shown} is not a cron expression: ${messageOf(error).replace(/^CronPattern: /, '')}`);
  }
  if (pattern.nextRun(new Date(0)) === null) throw badInput(field, `${shown} matches no time`);
  return pattern;
};
