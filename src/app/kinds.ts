/** The kinds of a server: built-in and custom. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config } from '../config.ts';
import type { KindModule } from '../engine/work-protocol.ts';
import { messageOf } from '../errors.ts';
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

/**
 * The kinds that modules export, so that processes can load them too.
 * @param files paths of modules that Node loads without a build step
 * @throws Error that names the file that cannot be loaded, or exports no kind
 */
export const findKinds = async (files: readonly string[]): Promise<readonly KindModule[]> => {
  const found = await Promise.all(files.map(kindsIn));
  return found.flat();
};

const kindsIn = async (file: string): Promise<readonly KindModule[]> => {
  const { href: url } = pathToFileURL(resolve(file));
  const exported = await import(url).catch((error: unknown) => {
    throw new Error(`kinds cannot be loaded from ${file}: ${messageOf(error)}${hintFor(file)}`);
  });
  const names = Object.keys(exported).filter((name) => isKind(exported[name]));
  if (names.length === 0) throw new Error(`${file} exports no kind: export what defineKind returns`);
  return names.map((exportName) => ({ url, exportName }));
};

const hintFor = (file: string) =>
  /\.[cm]?ts$/.test(file) && !Reflect.get(process.features, 'typescript')
    ? `. ${process.version} loads no TypeScript: compile it, or use Node 22.18 or newer`
    : '';

const isKind = (value: unknown): value is Kind => {
  const { typeName, create, run } = (typeof value === 'object' ? (value ?? {}) : {}) as Partial<Kind>;
  return typeof typeName === 'string' && typeof create === 'function' && typeof run === 'function';
};

export const loadKind = async ({ url, exportName }: KindModule): Promise<Kind> => {
  const { [exportName]: kind } = (await import(url)) as Readonly<Record<string, Kind | undefined>>;
  if (kind === undefined) throw new Error(`module ${url} has no export ${exportName}`);
  return kind;
};
