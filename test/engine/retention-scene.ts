/** Servers whose clock stands still, one after the other on the same folder: each does a round of retention at its start. */
import { join } from 'node:path';
import type { Kind } from '../../src/jobs/kind.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { order } from '../support/control.ts';
import { until } from '../support/history.ts';
import { scriptedKind } from '../support/scripted.ts';

export const DAY_MS = 24 * 60 * 60 * 1_000;
export const START = Date.UTC(2030, 0, 1);

/** Where the clock stands still, a wait would have no end. */
const STANDING = { firstWaitMs: 0 };

export type Forget = NonNullable<Kind['cleanUp']>;

/** A server of this folder whose clock stands still, so many days after the first. */
export const startOn = async (
  day: number,
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
  cleanUp?: Forget,
) => {
  const { kind, script } = scriptedKind();
  const kinds = [cleanUp === undefined ? kind : { ...kind, cleanUp }];
  const app = await startApp({ dataDir, kinds, settings, retry: STANDING, now: () => START + day * DAY_MS });
  const changes = changesOf(app, 'root', cursor((await app.store.log()).head));
  const begin = async (name: string, more: object = {}) => {
    const { id } = await app.create('SCRIPTED', { name, ...more }, 'root');
    await changes.reaches(id, 'RUNNING');
    return id;
  };
  return {
    app,
    script,
    changes,
    begin,
    /** Makes a job and has it end. */
    end: async (name: string, more: object = {}) => {
      const id = await begin(name, more);
      script(name).act('finish');
      await changes.reaches(id, 'SUCCEEDED');
      return id;
    },
    /** Makes a job and has it wait. */
    pause: async (name: string) => {
      const id = await begin(name);
      await order(app, 'PAUSE', [id]);
      await changes.reaches(id, 'PAUSED');
      return id;
    },
    [Symbol.asyncDispose]: async () => {
      await changes[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
};

export const dataOf = (folder: string) => join(folder, 'data');
export const cursor = (place: number) => String(place).padStart(16, '0');

export const horizonAt = (app: TestApp, place: number) =>
  until(app, async () => (await app.store.log()).horizon === place);

export interface Log {
  readonly nodes: readonly { readonly cursor: string; readonly jobId: string; readonly job: { id: string } | null }[];
  readonly pageInfo: { readonly hasPreviousPage: boolean; readonly hasNextPage: boolean };
}

/** The log, or why it cannot be read. */
export const readLog = async (app: TestApp, args: string) => {
  const query = `{ jobEvents(${args}) { nodes { cursor jobId job { id } } pageInfo { hasPreviousPage hasNextPage } } }`;
  const { data, errors } = await app.send({ query });
  return errors?.[0]?.extensions.code ?? (data as { jobEvents: Log }).jobEvents;
};
export const placesIn = async (app: TestApp, args: string) => {
  const log = await readLog(app, args);
  return typeof log === 'string' ? log : log.nodes.map((event) => Number(event.cursor));
};
