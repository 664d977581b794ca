/** Files and folders that a URL names, whatever the scheme. */
import type { Environment } from '../jobs/kind.ts';

export interface Stored {
  /** As it may be shown: secrets redacted. */
  readonly url: string;
  /** @throws StorageError when there is no such file, or it cannot be read */
  stat(signal?: AbortSignal): Promise<StoredStat>;
  /** The bytes from a place on, in pieces of at most a megabyte. Throws the signal's reason when it is aborted. */
  read(fromByte: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
}

export interface StoredStat {
  /** Null when nobody says. */
  readonly size: number | null;
  /** Differs once the content may have changed. */
  readonly version: string;
}

/** A place under which files are written, read and removed by name; a name is one or more segments joined by `/`. */
export interface Folder {
  /** As it may be shown: secrets redacted. */
  readonly url: string;
  /** Null when there is no file of this name. */
  stat(name: string, signal: AbortSignal): Promise<StoredStat | null>;
  /** @throws StorageError when there is no such file, or it cannot be read */
  read(name: string, fromByte: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
  /**
   * Whole or not at all, durable when it resolves; takes the place of a file that is there.
   * @throws StorageError when nothing can be written there; Transient when it may work later
   */
  write(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** The names of the files that begin with a prefix, in no order; nothing when there is no such folder. */
  list(prefix: string, signal: AbortSignal): AsyncGenerator<string, void, void>;
  /** Done again, does nothing. */
  remove(name: string, signal: AbortSignal): Promise<void>;
}

/** What of the places a URL is opened with. */
export type StorageEnvironment = Pick<Environment, 'filesDir' | 'allowPrivateHosts' | 'serverCredentials'>;
