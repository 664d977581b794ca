import { describe, expect, it } from 'vitest';
import { createPace } from '../../../src/kinds/import/pace.ts';

/** A clock that moves only when it is waited on, each wait `lateMs` too long, and by `step`. */
const clockOf = (lateMs: number) => {
  let now = 1_000_000;
  return {
    now: () => now,
    wait: async (ms: number) => {
      now += ms + lateMs;
    },
    step: (ms: number) => {
      now += ms;
    },
  };
};
const signal = new AbortController().signal;

/** When each slice was let through, for so many milliseconds, each taking `workMs` to write. */
const sliced = async (rowsPerSecond: number, forMs: number, lateMs: number, workMs: number) => {
  const clock = clockOf(lateMs);
  const pace = createPace(rowsPerSecond, clock);
  const startedAt = clock.now();
  const slices: { at: number; rows: number }[] = [];
  while (clock.now() - startedAt < forMs) {
    await pace.throttle(pace.sliceRows, signal);
    slices.push({ at: clock.now() - startedAt, rows: pace.sliceRows });
    clock.step(workMs);
  }
  return slices;
};
const rowsBetween = (slices: readonly { at: number; rows: number }[], from: number, to: number) =>
  slices.filter(({ at }) => at >= from && at < to).reduce((sum, { rows }) => sum + rows, 0);

describe('the pace of an import', () => {
  it.each([20, 999, 50_000, 600_000])('is %i rows a second within 5 %, over any three seconds', async (rate) => {
    const slices = await sliced(rate, 20_000, 2, 5);
    for (let from = 0; from <= 16_000; from += 500) {
      const rows = rowsBetween(slices, from, from + 3_000) / (3 * rate);
      expect(rows).toBeGreaterThan(0.95);
      expect(rows).toBeLessThan(1.05);
    }
  });

  it('is one row a second when it is asked for', async () => {
    const slices = await sliced(1, 10_000, 0, 0);
    expect(slices.map(({ at }) => at)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((s) => s * 1000));
  });

  it('lets no burst follow a standstill', async () => {
    const clock = clockOf(0);
    const pace = createPace(1_000, clock);
    await pace.throttle(50, signal);
    clock.step(60_000);
    const backAt = clock.now();
    let rows = 0;
    while (clock.now() < backAt + 1_000) {
      await pace.throttle(pace.sliceRows, signal);
      rows += pace.sliceRows;
    }
    expect(rows).toBeLessThan(1_150);
  });

  it('waits no longer than it takes to be told to stop', async () => {
    const stop = new AbortController();
    const pace = createPace(1);
    await pace.throttle(1, stop.signal);
    const turn = pace.throttle(1, stop.signal);
    stop.abort(new Error('told to stop'));
    await expect(turn).rejects.toThrow('told to stop');
  });
});
