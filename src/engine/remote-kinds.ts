/** The kinds that workers in other programs have registered. They are kept in the store, so that every server has them. */
import type { Logger } from 'pino';
import { conflict, messageOf } from '../errors.ts';
import type { Instant } from '../jobs/job.ts';
import type { Kind } from '../jobs/kind.ts';
import type { Registry } from '../jobs/registry.ts';
import { REMOTE_DEFINITION, type RemoteDefinition, remoteKind } from '../jobs/remote.ts';
import type { RegisteredKind, Store } from '../store/store.ts';

export interface RemoteKinds {
  /** Reads them from the store: another server may have registered some. */
  refresh(): Promise<void>;
  /** @throws BAD_USER_INPUT naming the kind and the field, CONFLICT for a kind that this server runs itself */
  register(kinds: readonly { readonly name: string; readonly definition: RemoteDefinition }[]): Promise<void>;
}

interface Options {
  readonly store: Pick<Store, 'registeredKinds' | 'registerKinds'>;
  readonly registry: Registry;
  readonly log: Logger;
  readonly now: () => Instant;
}

export const createRemoteKinds = ({ store, registry, log, now }: Options): RemoteKinds => {
  /** Those of the last refresh: a schema is compiled once. */
  let known = new Map<string, Kind>();
  const read = ({ name, definition }: RegisteredKind): readonly (readonly [string, Kind])[] => {
    const key = JSON.stringify([name, definition]);
    try {
      return [[key, known.get(key) ?? remoteKind(name, REMOTE_DEFINITION.parse(definition), `kind ${name}`)]];
    } catch (error) {
      log.warn({ kind: name, reason: messageOf(error) }, 'a registered kind cannot be used');
      return [];
    }
  };
  const refresh = async () => {
    known = new Map((await store.registeredKinds()).flatMap(read));
    registry.setRemote([...known.values()]);
  };
  return {
    refresh,
    register: async (kinds) => {
      for (const [at, { name, definition }] of kinds.entries()) {
        if (registry.isOwn(name)) {
          throw conflict(`kind ${name} is one that the server runs itself: give the kind of the worker another name`);
        }
        remoteKind(name, definition, `kinds.${at}`);
      }
      await store.registerKinds(kinds, now());
      await refresh();
    },
  };
};
