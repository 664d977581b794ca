/** The name of this server among those that share its store. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Jobs and databases are bound to the name: it stays with the data folder, also on another host. */
export const readNodeName = (dataDir: string, given: string | null): string => {
  if (given !== null) return given;
  const file = join(dataDir, 'node');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    const name = `${hostname().slice(0, 59)}-${lettersOf(randomBytes(4))}`;
    writeFileSync(file, `${name}\n`, { mode: 0o600 });
    return name;
  }
};

const lettersOf = (bytes: Uint8Array) => String.fromCharCode(...Array.from(bytes, (byte) => 97 + (byte % 26)));
