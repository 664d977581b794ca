import type { OpenTables } from './copy.ts';
import { administerSqliteStore } from './sqlite/administer.ts';
import { openSqliteStore } from './sqlite/open.ts';
import { openSqliteTables } from './sqlite/tables.ts';
import type { Administer, OpenStore, StoreOptions } from './store.ts';

/** Loaded when it is used: the driver of PostgreSQL is not needed otherwise. */
const POSTGRES = {
  open: async (options: StoreOptions) => (await import('./postgres/open.ts')).openPostgresStore(options),
  administer: async (options: Parameters<Administer>[0]) =>
    (await import('./postgres/administer.ts')).administerPostgresStore(options),
  openTables: async (options: Parameters<OpenTables>[0]) =>
    (await import('./postgres/tables.ts')).openPostgresTables(options),
};

/** The stores by URL scheme: the only list of them. */
const STORES: Readonly<
  Record<string, { readonly open: OpenStore; readonly administer: Administer; readonly openTables: OpenTables }>
> = {
  'file:': { open: openSqliteStore, administer: administerSqliteStore, openTables: openSqliteTables },
  'postgresql:': POSTGRES,
  'postgres:': POSTGRES,
};

/** An error names the scheme, never the URL, which may contain a password. */
const storeOf = (url: string) => {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase();
  if (scheme === undefined) throw new Error('DATABASE_URL: a URL begins with a scheme, as in file:./data/signalbox.db');
  const store = STORES[scheme];
  if (store === undefined) throw new Error(`DATABASE_URL: unknown scheme ${scheme}, use file: or postgresql:`);
  return store;
};

/** Opens the store that the URL names. */
export const openStore: OpenStore = async (options) => storeOf(options.url).open(options);

/** Opens the store that the URL names for a few rare writes, although a server may be using it. */
export const administerStore: Administer = async (options) => storeOf(options.url).administer(options);

/** Opens the store that the URL names as tables, to be copied. */
export const openTables: OpenTables = async (options) => storeOf(options.url).openTables(options);
