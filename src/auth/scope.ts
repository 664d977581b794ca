/** The scopes of tokens, and what each of them permits. */
import { forbidden } from '../errors.ts';

export const SCOPES = ['FULL', 'READ', 'PREVIEW', 'WORKER'] as const;
export type Scope = (typeof SCOPES)[number];

/** One root field of an operation. */
export interface RootField {
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A worker reports jobs; of everything else it reads only what identifies it and the server. */
const FOR_WORKERS: readonly string[] = ['viewer', 'server'];

/** @throws FORBIDDEN for a field that a token of this scope may not use */
export const checkScope = (scope: Scope, { operation, name, args }: RootField): void => {
  if (scope === 'FULL') return;
  const refuse = (only: string) => forbidden(`${name} is not allowed: the scope of the token is ${scope}, ${only}`);
  if (scope === 'WORKER') {
    if (!FOR_WORKERS.includes(name)) throw refuse('which permits only claiming and reporting jobs');
    return;
  }
  if (operation !== 'mutation') return;
  if (scope === 'READ') throw refuse('which permits no mutation');
  if (args.dryRun !== true) throw refuse('which permits only mutations with dryRun: true');
};

/** A token that is used to create another: the new one permits nothing more. */
export const isWithin = (scope: Scope, of: Scope): boolean =>
  of === 'FULL' || scope === of || (of === 'PREVIEW' && scope === 'READ');
