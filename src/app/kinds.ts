/** The kinds of a server: built-in and custom. */
import type { Config } from '../config.ts';
import type { KindModule } from '../engine/work-protocol.ts';
import type { Kind } from '../jobs/kind.ts';
import { createRegistry, type Registry } from '../jobs/registry.ts';
import { KINDS } from '../kinds/index.ts';

export interface LoadedKinds {
  readonly registry: Registry;
  /** Where processes load each kind that they can run; null for a built-in one. */
  readonly modules: ReadonlyMap<string, KindModule | null>;
}

/** @throws Error for a module that has no such export */
export const loadKinds = async (
  own: readonly (Kind | KindModule)[],
  { schemaChangesPausable }: Pick<Config, 'schemaChangesPausable'>,
): Promise<LoadedKinds> => {
  const loaded = await Promise.all(Object.values(KINDS).map((load) => load()));
  const builtIn = loaded.map((kind) =>
    kind.type === 'SCHEMA_CHANGE' ? { ...kind, pausable: schemaChangesPausable } : kind,
  );
  const modules = new Map<string, KindModule | null>(builtIn.map(({ typeName }) => [typeName, null]));
  const kinds: Kind[] = [...builtIn];
  for (const source of own) {
    const kind = 'url' in source ? await loadKind(source) : source;
    if ('url' in source) modules.set(kind.typeName, source);
    kinds.push(kind);
  }
  return { registry: createRegistry(kinds), modules };
};

export const loadKind = async ({ url, exportName }: KindModule): Promise<Kind> => {
  const { [exportName]: kind } = (await import(url)) as Readonly<Record<string, Kind | undefined>>;
  if (kind === undefined) throw new Error(`module ${url} has no export ${exportName}`);
  return kind;
};
