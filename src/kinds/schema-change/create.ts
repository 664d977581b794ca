/** Checks the request and creates nothing. */
import { portOf } from '../../databases/port-of.ts';
import { cutText } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import { describe } from './describe.ts';
import type { Details } from './details.ts';
import { parseInput, type SchemaChangeRequest } from './input.ts';
import { PORTS } from './ports.ts';

export const create = async (request: SchemaChangeRequest, environment: Environment): Promise<Creation<Details>> => {
  const input = parseInput(request);
  const { database, holdBeforeCommit } = input;
  const { changes, tables, held } = await portOf(PORTS, environment).plan(environment, database, input.changes);
  return {
    details: { database, tables, changes, holdBeforeCommit },
    description: cutText(describe(database, changes)),
    database,
    holds: held.map((table) => ({ table, mode: 'alter' })),
  };
};
