/**
 * What every job store does, driven without a server: the entry ticket of the next store. A store is opened by the
 * function given, once for all of it; each test uses types, users and sessions of its own. It knows nothing of how
 * the store keeps what it keeps.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { testAudit } from './contract/audit.ts';
import { testClaims } from './contract/claims.ts';
import { testCommands } from './contract/commands.ts';
import { testCreation } from './contract/creation.ts';
import { testHolds } from './contract/holds.ts';
import { testPlaces } from './contract/places.ts';
import { testReads } from './contract/reads.ts';
import { testRetention } from './contract/retention.ts';
import { type OpenedStore, Scene } from './contract/scene.ts';
import { testSchedules } from './contract/schedules.ts';
import { testSessions } from './contract/sessions.ts';
import { testTransitions } from './contract/transitions.ts';
import { testUsers } from './contract/users.ts';
import { testWork } from './contract/work.ts';

export const testStore = (name: string, open: () => Promise<OpenedStore>): void => {
  describe(name, () => {
    const scene = new Scene();
    let opened: OpenedStore | undefined;
    beforeAll(async () => {
      opened = await open();
      scene.store = opened.store;
    });
    afterAll(() => opened?.close());
    testCreation(scene);
    testAudit(scene);
    testClaims(scene);
    testWork(scene);
    testSessions(scene);
    testTransitions(scene);
    testCommands(scene);
    testHolds(scene);
    testPlaces(scene);
    testReads(scene);
    testRetention(scene);
    testUsers(scene);
    testSchedules(scene);
  });
};
