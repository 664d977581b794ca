import { expect, test } from 'vitest';
import { Fenced, PauseAsked, Transient } from '../../src/jobs/kind.ts';

const CLASSES = { Transient, Fenced, PauseAsked };

test('errors of another copy of the module, as a kind in a module of its own has, mean the same', async () => {
  const path = '../../src/jobs/kind.ts?copy';
  const copy = (await import(path)) as typeof CLASSES;
  expect(copy.Transient).not.toBe(Transient);
  for (const name of Object.keys(CLASSES) as (keyof typeof CLASSES)[]) {
    const error = new copy[name]('later');
    const classes = Object.entries(CLASSES).filter(([, one]) => error instanceof one);
    expect(classes.map(([of]) => of)).toEqual([name]);
  }
});

test.each([new Error('x'), { name: 'Transient' }, 'Transient', null, undefined])('%o is none of them', (value) => {
  expect(Object.values(CLASSES).filter((one) => (value as unknown) instanceof one)).toEqual([]);
});
