import { badInput } from '../errors.ts';
import type { DatabasePlace, Environment } from '../jobs/kind.ts';

/** The port of a kind for each engine that the kind supports. */
export type Ports<P> = Readonly<Partial<Record<DatabasePlace['engine'], P>>>;

/**
 * The port for the engine of a job's database. A database that is not known any more has no engine: every port answers
 * for it alike, since there is nothing to open.
 * @throws badInput for an engine that the kind does not support
 */
export const portOf = <P>(ports: Ports<P>, { database }: Pick<Environment, 'database'>): P => {
  const engine = database?.engine ?? 'sqlite';
  const port = ports[engine];
  if (port === undefined)
    throw badInput('input.database', `jobs of this kind do not support databases of ${engine} yet`);
  return port;
};
