import { testKindContract } from '../contract.ts';
import { BACKUP, openScene } from './scene.ts';

testKindContract('backup of a database', BACKUP, () => openScene(12));
