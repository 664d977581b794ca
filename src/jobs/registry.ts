import type { RulesOf, TypeRules } from './control.ts';
import type { Kind } from './kind.ts';

/** The kinds that this server knows, by the name of their type. */
export interface Registry {
  /** Those that this server runs itself. They stay the same while it runs. */
  readonly kinds: readonly Kind[];
  /** Those that it runs itself, then those that workers in other programs run. */
  readonly all: () => readonly Kind[];
  /** Whether this server runs the kind itself. */
  readonly isOwn: (typeName: string) => boolean;
  readonly find: (typeName: string) => Kind | undefined;
  /** Throws for a name for which this server has no kind. */
  readonly get: (typeName: string) => Kind;
  readonly rulesOf: RulesOf;
  /** Replaces the kinds that workers in other programs run. One with the name of a kind of this server is ignored. */
  readonly setRemote: (kinds: readonly Kind[]) => void;
}

/** The rules for a job whose kind is unknown to this server: it can be stopped. */
const UNKNOWN: TypeRules = { pausable: true, cancelable: true };

export const createRegistry = (kinds: readonly Kind[]): Registry => {
  const byName = new Map<string, Kind>();
  for (const kind of kinds) {
    if (byName.has(kind.typeName)) throw new Error(`two kinds are named ${kind.typeName}`);
    byName.set(kind.typeName, kind);
  }
  let remote: ReadonlyMap<string, Kind> = new Map();
  const find = (typeName: string) => byName.get(typeName) ?? remote.get(typeName);
  return {
    kinds,
    all: () => [...kinds, ...remote.values()],
    isOwn: (typeName) => byName.has(typeName),
    find,
    get: (typeName) => {
      const kind = find(typeName);
      if (kind === undefined) throw new Error(`this server has no kind ${typeName}`);
      return kind;
    },
    rulesOf: (job) => find(job.typeName) ?? UNKNOWN,
    setRemote: (registered) => {
      const others = registered.filter(({ typeName }) => !byName.has(typeName));
      remote = new Map(others.map((kind) => [kind.typeName, kind]));
    },
  };
};
