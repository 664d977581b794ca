/** Quotes an identifier for use in a statement, whatever characters it contains. */
export const quote = (name: string): string => {
  if (name.includes('\0')) throw new Error('a name cannot hold a NUL character');
  return `"${name.replaceAll('"', '""')}"`;
};
