import { BACKUP, openScene } from './backup-scene.ts';
import { testKindContract } from './contract.ts';

testKindContract('backup of a database', BACKUP, () => openScene(36));
