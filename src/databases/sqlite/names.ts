/** An identifier as it stands in a statement, whatever it holds. */
export const quote = (name: string): string => {
  if (name.includes('\0')) throw new Error('a name cannot hold a NUL character');
  return `"${name.replaceAll('"', '""')}"`;
};

/** Equal for names that SQLite takes for one: it ignores the case of ASCII letters, and of no others. */
export const fold = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** What SQLite and jobs keep in a database for themselves: nobody else may make it, and no list shows it. */
export const isReserved = (name: string): boolean => /^(sqlite_|_signalbox_)/i.test(name);
