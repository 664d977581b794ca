import { expect, test } from 'vitest';
import type { WorkDirectory } from '../../../src/databases/work-directory.ts';
import { readCheckpoint } from '../../../src/kinds/backup/details.ts';

const directoryWith = (stored: unknown) => ({ readCheckpoint: () => stored }) as unknown as WorkDirectory;
const counts = { chunks: 2, chunksReused: 1, bytesWritten: 40 };

test.each([
  ['placed', 'marked'],
  ['taken', 'staged'],
])('a checkpoint of version 0.1.0 in the phase %s is read as %s', (old, phase) => {
  const stored = { phase: old, byte: 50, pictureBytes: 100, ...counts };
  expect(readCheckpoint(directoryWith(stored))).toEqual({ phase, offset: 50, snapshotBytes: 100, ...counts });
});

test('a checkpoint is read as it was saved', () => {
  const saved = { phase: 'staged', offset: 50, snapshotBytes: 100, ...counts };
  expect(readCheckpoint(directoryWith(saved))).toEqual(saved);
  expect(readCheckpoint(directoryWith(null))).toBeNull();
});
