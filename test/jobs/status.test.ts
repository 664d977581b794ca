import { expect, test } from 'vitest';
import { type Move, transition } from '../../src/jobs/status.ts';
import { COMMANDS, facts, REPORTS, STANDS, type Stand } from './table.ts';

const stands = Object.keys(STANDS) as Stand[];

test.each(stands)('%s: pause, resume and cancel do what the table defines', (stand) => {
  const done = (['PAUSE', 'RESUME', 'CANCEL'] as const).map((command) => transition(command, STANDS[stand]) ?? '-');
  expect(done).toEqual(COMMANDS[stand]);
});

test.each(Object.keys(REPORTS))('the report `%s` leads each standing where the table defines', (report) => {
  const done = Object.fromEntries(
    stands.flatMap((stand) => {
      const to = transition(report as Move, STANDS[stand]);
      return to === null ? [] : [[stand, to]];
    }),
  );
  expect(done).toEqual(REPORTS[report]);
});

test('a status that no facts explain is an error, not a guess', () => {
  expect(() => transition('PAUSE', facts('REVERTING'))).toThrow('cannot stand like this');
});
