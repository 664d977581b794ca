import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openScene as openBackupScene, type Place } from '../backup/scene.ts';
import { testKindContract } from '../contract.ts';
import { backUp, openScene, RESTORE } from './scene.ts';

let kept: string;
beforeAll(async () => {
  kept = mkdtempSync(path.join(tmpdir(), 'signalbox-restore-'));
  // As few rows as let each table be copied in the same steps, however slow the machine is.
  await using place = await openBackupScene(14, {}, 4);
  await backUp(place);
  cpSync(place.filesDir, kept, { recursive: true });
});
afterAll(() => rmSync(kept, { recursive: true }));

const prepare = async (place: Place) => cpSync(kept, place.filesDir, { recursive: true });

testKindContract('restore into a database that is made', RESTORE, () => openScene(prepare, { isThere: false }));
testKindContract('restore of some tables into a database that is made', RESTORE, () =>
  openScene(prepare, {
    isThere: false,
    tables: ['LOOSE', 'odd name'],
    as: [{ table: 'loose', to: 'a new name' }],
  }),
);
testKindContract('restore into a database that is there', RESTORE, () => openScene(prepare, { isThere: true }));
