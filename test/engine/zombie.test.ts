import { expect, test } from 'vitest';
import type { Kind } from '../../src/jobs/kind.ts';
import { changesOf, startApp } from '../support/app.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';

const createSignal = () => {
  let fire = () => {};
  const fired = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { fired, fire: () => fire() };
};

/** A kind in which each claim continues at a signal of its own, and ignores requests to stop until then. */
const kindByEpoch = () => {
  const signals = new Map([1, 2].map((epoch) => [epoch, { goOn: createSignal(), asked: createSignal() }]));
  const signalsOf = (epoch: number) => signals.get(epoch) ?? { goOn: createSignal(), asked: createSignal() };
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
      signal.addEventListener('abort', signalsOf(epoch).asked.fire);
      try {
        yield { checkpoint: epoch, fractionCompleted: epoch / 10 };
        await signalsOf(epoch).goOn.fired;
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
    goOn: (epoch: number) => signalsOf(epoch).goOn.fire(),
    askedToStop: (epoch: number) => signalsOf(epoch).asked.fired,
    began,
    closed,
  };
};

test('a worker that was presumed dead claims its jobs again, and its earlier work writes nothing more', async () => {
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
