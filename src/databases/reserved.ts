/** Whether a name is reserved for SQLite or for jobs: other objects cannot use it, and no list shows it. */
export const isReserved = (name: string): boolean => /^(sqlite_|_signalbox_)/i.test(name);
