import { describe, expect, it } from 'vitest';
import { createSizer } from '../../src/databases/batch-sizer.ts';

describe('the size of a batch', () => {
  it('begins with the first one, and doubles as long as the time allows it', () => {
    const sizer = createSizer({ first: 100 });
    const sizes = [1, 2, 3, 4].map(() => {
      const rows = sizer.sizeFor(20);
      sizer.done(rows, 1);
      return rows;
    });
    expect(sizes).toEqual([100, 200, 400, 800]);
  });

  it('follows the time that rows take: falls at once, grows by half of what was gained', () => {
    const sizer = createSizer({ first: 1_000 });
    sizer.done(1_000, 10);
    expect(sizer.sizeFor(20)).toBe(2_000);
    sizer.done(1_000, 100);
    expect(sizer.sizeFor(20)).toBe(200);
    sizer.done(200, 2);
    expect(sizer.sizeFor(20)).toBe(1_000);
  });

  it('is never more than the bound, and never less than one', () => {
    const sizer = createSizer({ first: 8, most: 10 });
    sizer.done(8, 0);
    expect(sizer.sizeFor(20)).toBe(10);
    sizer.done(8, 100_000);
    expect(sizer.sizeFor(20)).toBe(1);
    expect(sizer.sizeFor(-5)).toBe(1);
  });

  it('goes on from what it knew behind a batch that had nothing to do', () => {
    const sizer = createSizer({ first: 4 });
    sizer.done(4, 1);
    sizer.done(0, 50);
    expect(sizer.sizeFor(20)).toBe(8);
  });

  it('is at most the limit that the caller found, for one batch', () => {
    const sizer = createSizer({ first: 1 });
    sizer.done(64, 1);
    expect(sizer.sizeFor(20)).toBe(128);
    sizer.limit(64);
    expect(sizer.sizeFor(20)).toBe(64);
    sizer.limit(0);
    expect(sizer.sizeFor(20)).toBe(1);
  });
});
