/** A folder on an HTTP server: its files are read by name, and no other operation is possible. */

import { NoSuchFile } from '../../net/request.ts';
import type { Folder, Stored } from '../storage.ts';
import { redact, StorageError, segmentsOfName, withoutSlashes } from '../url.ts';
import { openHttp } from './file.ts';

/** @param url its parameters are sent with each name, since they may grant the permission to read */
export const openHttpFolder = (url: URL, allowed: readonly string[]): Folder => {
  const redacted = redact(url.href);
  const file = (name: string): Stored => {
    const at = new URL(url);
    const path = segmentsOfName(redacted, name).map(encodeURIComponent).join('/');
    at.pathname = `${withoutSlashes(url.pathname)}/${path}`;
    return openHttp(at, allowed);
  };
  const refused = (what: string) =>
    new StorageError(`${redacted} can only be read, file by file: nothing is ${what} over http: and https:`);
  return {
    url: redacted,
    stat: async (name, signal) => {
      try {
        return await file(name).stat(signal);
      } catch (error) {
        if (error instanceof NoSuchFile) return null;
        throw error;
      }
    },
    read: async function* (name, fromByte, signal) {
      yield* file(name).read(fromByte, signal);
    },
    write: async () => {
      throw refused('written');
    },
    // biome-ignore lint/correctness/useYield: there is nothing to yield
    list: async function* () {
      throw refused('listed');
    },
    // biome-ignore lint/correctness/useYield: there is nothing to yield
    entries: async function* () {
      throw refused('listed');
    },
    remove: async () => {
      throw refused('removed');
    },
  };
};
