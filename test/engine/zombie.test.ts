import { expect, test } from 'vitest';
import type { Kind } from '../../src/jobs/kind.ts';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';

const word = () => {
  let say = () => {};
  const said = new Promise<void>((resolve) => {
    say = resolve;
  });
  return { said, say: () => say() };
};

/** A kind of which each claim goes on at a word of its own, and heeds no request to stop before. */
const kindByEpoch = () => {
  const words = new Map([1, 2].map((epoch) => [epoch, { goOn: word(), asked: word() }]));
  const wordsOf = (epoch: number) => words.get(epoch) ?? { goOn: word(), asked: word() };
  const began: number[] = [];
  const closed: number[] = [];
  const kind: Kind<object, object, number> = {
    type: 'CUSTOM',
    typeName: 'EPOCHS',
    pausable: true,
    cancelable: true,
    inline: true,
    create: async () => ({ details: {}, description: 'epochs', database: null }),
    run: async function* ({ claim: { epoch } }, { signal }) {
      began.push(epoch);
      signal.addEventListener('abort', wordsOf(epoch).asked.say);
      try {
        yield { checkpoint: epoch, fractionCompleted: epoch / 10 };
        await wordsOf(epoch).goOn.said;
        yield { checkpoint: 100 + epoch, fractionCompleted: 0.9 };
      } finally {
        closed.push(epoch);
      }
    },
    // biome-ignore lint/correctness/useYield: there is nothing to undo.
    revert: async function* () {
      return;
    },
  };
  return {
    kind: kind as Kind,
    goOn: (epoch: number) => wordsOf(epoch).goOn.say(),
    askedToStop: (epoch: number) => wordsOf(epoch).asked.said,
    began,
    closed,
  };
};

test('a worker that was thought dead takes its jobs up anew, and what it still did before writes nothing more', async () => {
  const { kind, goOn, askedToStop, began, closed } = kindByEpoch();
  await using app = await startApp({ kinds: [kind], settings: { LEASE_SECONDS: '1', WORKERS: '2' } });
  await using changes = changesOf(app);
  const { id } = await app.create('EPOCHS', {}, 'root');
  const before = await jobWhen(app, id, ({ fractionCompleted }) => fractionCompleted === 0.1);

  // Whatever session there is has not been heard of since before now.
  await app.store.heartbeat('nobody', 0, Date.now() + 10_000);
  await jobWhen(app, id, ({ fractionCompleted }) => fractionCompleted === 0.2);
  await askedToStop(1);
  expect(began).toEqual([1, 2]);
  const taken = await jobNow(app, id);
  expect(taken.events).toEqual(before.events);

  goOn(1);
  await order(app, 'PAUSE', [id]);
  await askedToStop(2);
  expect(await jobNow(app, id)).toMatchObject({ status: 'PAUSE_REQUESTED', fractionCompleted: 0.2 });
  goOn(2);
  await changes.reaches(id, 'PAUSED');

  expect(closed).toEqual([1, 2]);
  expect(await jobNow(app, id)).toMatchObject({ fractionCompleted: 0.9, attempts: 0, executionErrors: [] });
});
