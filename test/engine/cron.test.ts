import { describe, expect, test } from 'vitest';
import { readCron } from '../../src/engine/cron.ts';

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z'));

/** The times after one instant, up to another. */
const timesOf = (cron: string, timeZone: string, from: string, to: string) => {
  const times = readCron(cron, timeZone);
  const found: string[] = [];
  for (let at = times.after(Date.parse(from)); at !== null && at <= Date.parse(to); at = times.after(at)) {
    found.push(String(iso(at)));
  }
  return found;
};

describe('a local time that does not exist runs at the next one that does', () => {
  test('once a day', () => {
    expect(timesOf('30 2 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:30:00Z',
    ]);
  });

  test('and is one run with that one', () => {
    expect(timesOf('*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', '2026-03-29T02:00:00Z')).toEqual([
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:30:00Z',
      '2026-03-29T02:00:00Z',
    ]);
  });

  test('at midnight, and where the clock is put forward by half an hour', () => {
    expect(timesOf('0 0 * * *', 'America/Santiago', '2026-09-05T12:00:00Z', '2026-09-07T12:00:00Z')).toEqual([
      '2026-09-06T04:00:00Z',
      '2026-09-07T03:00:00Z',
    ]);
    expect(timesOf('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', '2026-10-05T00:00:00Z')).toEqual([
      '2026-10-03T15:30:00Z',
      '2026-10-04T15:15:00Z',
    ]);
  });
});

describe('a local time that exists twice runs the first time', () => {
  test('once a day', () => {
    expect(timesOf('30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
      '2026-10-24T00:30:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
  });

  test('every half hour', () => {
    expect(timesOf('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', '2026-10-25T02:30:00Z')).toEqual([
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T02:00:00Z',
      '2026-10-25T02:30:00Z',
    ]);
  });
});

test.each([
  ['30 2 * * *', 'Europe/Berlin'],
  ['*/7 1-3 * * *', 'America/New_York'],
  ['0 0 * * *', 'America/Santiago'],
  ['5,35 * * * *', 'Australia/Lord_Howe'],
  ['@hourly', 'UTC'],
])('the last time up to any instant is the one before the next: %s in %s', (cron, zone) => {
  const times = readCron(cron, zone);
  for (const around of [
    '2026-03-08T07:00:00Z',
    '2026-03-29T01:00:00Z',
    '2026-04-04T15:00:00Z',
    '2026-10-25T01:00:00Z',
  ]) {
    for (let minutes = -200; minutes <= 200; minutes += 4) {
      const at = Date.parse(around) + minutes * 60_000;
      const last = times.upTo(at);
      if (last === null) throw new Error(`${cron} has no time up to ${iso(at)}`);
      expect(last).toBeLessThanOrEqual(at);
      expect(Number(times.after(last))).toBeGreaterThan(at);
      expect(times.after(last - 1)).toBe(last);
    }
  }
});

test('six fields begin with seconds, and names of months, weekdays and last days are known', () => {
  expect(iso(readCron('15 30 4 1 JAN *', 'UTC').after(Date.parse('2026-06-01T00:00:00Z')))).toBe(
    '2027-01-01T04:30:15Z',
  );
  expect(iso(readCron('0 3 L * *', 'UTC').after(Date.parse('2026-02-01T00:00:00Z')))).toBe('2026-02-28T03:00:00Z');
  expect(iso(readCron('0 3 * * FRI#2', 'UTC').after(Date.parse('2026-02-01T00:00:00Z')))).toBe('2026-02-13T03:00:00Z');
});

test('an expression may match no later time', () => {
  expect(readCron('0 0 1 1 *', 'UTC').upTo(Date.parse('2026-06-01T00:00:00Z'))).toBe(
    Date.parse('2026-01-01T00:00:00Z'),
  );
});

test.each([
  ['', 'is not a cron expression: give five or six fields'],
  ['* * * *', 'is not a cron expression: give five or six fields'],
  ['* * * * * * 2027', 'is not a cron expression: give five or six fields'],
  ['2026-12-01T00:00:00', 'is not a cron expression: give five or six fields'],
  ['@reboot', 'is not a cron expression: give five or six fields'],
  ['61 * * * *', 'is not a cron expression: Invalid value for minute: 61'],
  ['*/0 * * * *', 'is not a cron expression: Syntax error, illegal stepping: 0'],
  ['a b c d e', 'is not a cron expression: configuration entry 1 (a) contains illegal characters'],
  ['0 0 30 2 *', 'matches no time'],
])('the expression %j is refused, naming field and value', (cron, problem) => {
  expect(() => readCron(cron, 'UTC')).toThrow(`input.cron ${JSON.stringify(cron)} ${problem}`);
});

test.each(['Mars/Olympus', '', 'Europe/Berlin2'])('the time zone %j is refused, naming field and value', (timeZone) => {
  expect(() => readCron('@daily', timeZone)).toThrow(`input.timeZone ${JSON.stringify(timeZone)} is not a time zone`);
});

test('local dates and times name the run', () => {
  expect(readCron('@daily', 'Asia/Tokyo').localAt(Date.parse('2026-12-01T15:04:05Z'))).toEqual({
    date: '2026-12-02',
    time: '00-04-05',
  });
});
