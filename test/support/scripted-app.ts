import { changesOf, startApp } from './app.ts';
import { jobWhen } from './control.ts';
import { scriptedKind } from './scripted.ts';

type Options = Omit<NonNullable<Parameters<typeof startApp>[0]>, 'kinds'>;

/** A server with the scripted kind, and one who listens to all changes of status. */
export const startScripted = async (options: Options = {}) => {
  const { kind, script } = scriptedKind();
  const app = await startApp({ ...options, kinds: [kind] });
  const changes = changesOf(app);
  const create = async (name: string) => (await app.create('SCRIPTED', { name }, 'root')).id;
  return {
    app,
    script,
    changes,
    create,
    /** Makes a job, and waits until it runs. */
    start: async (name: string) => {
      const id = await create(name);
      await changes.reaches(id, 'RUNNING');
      return id;
    },
    /** Waits until a worker is at undoing it. */
    reverts: (id: string) =>
      jobWhen(app, id, ({ status, coordinator }) => status === 'REVERTING' && coordinator !== null),
    [Symbol.asyncDispose]: async () => {
      await changes[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
};
