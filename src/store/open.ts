import { openSqliteStore } from './sqlite/open.ts';
import type { OpenStore } from './store.ts';

const unsupported =
  (scheme: string): OpenStore =>
  async () => {
    throw new Error(`DATABASE_URL: ${scheme} is not supported yet`);
  };

/** The stores by URL scheme: the only list of them. */
const STORES: Readonly<Record<string, OpenStore>> = {
  'file:': openSqliteStore,
  'postgresql:': unsupported('postgresql:'),
  'postgres:': unsupported('postgres:'),
};

/** Opens the store that the URL names. An error names the scheme, never the URL, which may contain a password. */
export const openStore: OpenStore = async (options) => {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(options.url)?.[0].toLowerCase();
  if (scheme === undefined) throw new Error('DATABASE_URL: a URL begins with a scheme, as in file:./data/signalbox.db');
  const open = STORES[scheme];
  if (open === undefined) throw new Error(`DATABASE_URL: unknown scheme ${scheme}, use file:`);
  return open(options);
};
