import { expect, test } from 'vitest';
import { portOf } from '../../src/databases/port-of.ts';

const PORTS = { sqlite: 'the port of SQLite' };

test('a kind finds the port for the engine of a database, and for a database that is not known any more', () => {
  expect(portOf(PORTS, { database: { engine: 'sqlite', file: '/data/app.db' } })).toBe('the port of SQLite');
  expect(portOf(PORTS, { database: null })).toBe('the port of SQLite');
});

test('a kind without a port for an engine rejects its databases, naming the field and the engine', () => {
  const database = { engine: 'postgresql', url: 'postgresql://localhost/app' } as const;
  expect(() => portOf(PORTS, { database })).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      message: 'jobs of this kind do not support databases of postgresql yet',
      extensions: expect.objectContaining({ field: 'input.database' }),
    }),
  );
});
