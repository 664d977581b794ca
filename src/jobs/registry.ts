import type { RulesOf, TypeRules } from './control.ts';
import type { Kind } from './kind.ts';

/** The kinds that this server knows, by the name of their type. */
export interface Registry {
  readonly kinds: readonly Kind[];
  readonly find: (typeName: string) => Kind | undefined;
  /** Throws for a name for which this server has no kind. */
  readonly get: (typeName: string) => Kind;
  readonly rulesOf: RulesOf;
}

/** The rules for a job whose kind is unknown to this server: it can be stopped. */
const UNKNOWN: TypeRules = { pausable: true, cancelable: true };

export const createRegistry = (kinds: readonly Kind[]): Registry => {
  const byName = new Map<string, Kind>();
  for (const kind of kinds) {
    if (byName.has(kind.typeName)) throw new Error(`two kinds are named ${kind.typeName}`);
    byName.set(kind.typeName, kind);
  }
  return {
    kinds,
    find: (typeName) => byName.get(typeName),
    get: (typeName) => {
      const kind = byName.get(typeName);
      if (kind === undefined) throw new Error(`this server has no kind ${typeName}`);
      return kind;
    },
    rulesOf: (job) => byName.get(job.typeName) ?? UNKNOWN,
  };
};
