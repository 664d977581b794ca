import { expect, test } from 'vitest';
import { replay } from './replay.ts';

/** `npm run soak -- feed` runs longer ones. */
test('what a receiver has is what the table has, whatever another process does to the table', async () => {
  expect(await replay({ seed: 20, steps: 1_200, most: 60 })).toBeGreaterThan(10);
});
