import { expect, test } from 'vitest';
import { DETAILS } from '../../../src/kinds/restore/details.ts';

test('the details of a restore of version 0.1.0 are read in the words of today', () => {
  const { pictureBytes, ...others } = {
    source: 'nodelocal:///one',
    sha256: 'a',
    database: 'copy',
    makesDatabase: true,
    tables: ['t'],
    isAll: true,
    rows: 3,
    pictureBytes: 100,
  };
  const today = { ...others, as: [], snapshotBytes: pictureBytes, verifyOnly: false, maxBytesPerSecond: null };
  expect(DETAILS.parse({ ...others, pictureBytes })).toEqual(today);
  expect(DETAILS.parse(today)).toEqual(today);
});
