import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { BACKUP, openScene as openBackup, type Place } from './backup/scene.ts';
import { CHANGEFEED, openScene as openFeed } from './changefeed/scene.ts';
import { testFenceSteps } from './fence-steps.ts';
import { openExisting } from './import/existing-scene.ts';
import { IMPORT, openScene as openImport } from './import/scene.ts';
import { backUp, openScene as openRestore, RESTORE } from './restore/scene.ts';
import { openChange, SCHEMA_CHANGE } from './schema-change/scene.ts';

const FILES = { 'a.csv': 'id,name,age\n1,Ada,36\n2,Grace,85\n', 'b.csv': 'id,name,age\n3,Edsger,72\n' };

testFenceSteps('an import into a new table', IMPORT, () => openImport({ files: FILES }));
testFenceSteps('an import into a table that is there', IMPORT, () => openExisting(undefined, { files: FILES }));
testFenceSteps('a changefeed', CHANGEFEED, () =>
  openFeed('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 2), (3, 4)', {
    tables: ['t'],
  }),
);
testFenceSteps('a schema change', SCHEMA_CHANGE, () =>
  openChange('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 2), (3, 4)', {
    alterColumn: { table: 't', column: 'name', nullable: false, default: "'x'" },
  }),
);

let kept: string;
beforeAll(async () => {
  kept = mkdtempSync(path.join(tmpdir(), 'signalbox-steps-'));
  await using place = await openBackup(1, {}, 7);
  await backUp(place);
  cpSync(place.filesDir, kept, { recursive: true });
});
afterAll(() => existsSync(kept) && rmSync(kept, { recursive: true }));
const prepare = async (place: Place) => cpSync(kept, place.filesDir, { recursive: true });

testFenceSteps('a backup', BACKUP, () => openBackup(1, {}, 7));
testFenceSteps('a restore into a database that is made', RESTORE, () => openRestore(prepare, { isThere: false }));
testFenceSteps('a restore into a database that is there', RESTORE, () => openRestore(prepare, { isThere: true }));
