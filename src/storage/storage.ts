/** Files and folders that a URL names, whatever the scheme. */
import type { Environment } from '../jobs/kind.ts';

export interface Stored {
  /** In the form that may be displayed: secrets redacted. */
  readonly url: string;
  /** @throws StorageError if the file does not exist or cannot be read */
  stat(signal?: AbortSignal): Promise<StoredStat>;
  /** The bytes from an offset on, in chunks of at most a megabyte. Throws the signal's reason when it is aborted. */
  read(fromByte: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
}

export interface StoredStat {
  /** Null if the size is not known. */
  readonly size: number | null;
  /** Differs if the content may have changed. */
  readonly version: string;
}

/** A folder in which files are written, read and removed by name. A name is one or more segments joined by `/`. */
export interface Folder {
  /** In the form that may be displayed: secrets redacted. */
  readonly url: string;
  /** Null if no file has this name. */
  stat(name: string, signal: AbortSignal): Promise<StoredStat | null>;
  /** @throws StorageError if the file does not exist or cannot be read */
  read(name: string, fromByte: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
  /**
   * Atomic, and durable when it resolves; replaces an existing file.
   * @throws StorageError if the folder cannot be written to; Transient if a later attempt may succeed
   */
  write(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** The names of the files that begin with a prefix, in no particular order; none if the folder does not exist. */
  list(prefix: string, signal: AbortSignal): AsyncGenerator<string, void, void>;
  /**
   * The files and folders that are directly in this folder, or in one below it. None if it does not exist.
   * @param below the name of a folder; empty for this one
   */
  entries(below: string, signal: AbortSignal): AsyncGenerator<Entry, void, void>;
  /** Idempotent. */
  remove(name: string, signal: AbortSignal): Promise<void>;
}

export interface Entry {
  /** Relative to the folder that was opened. */
  readonly name: string;
  readonly isFolder: boolean;
}

/** The part of the environment that opening a URL requires. */
export type StorageEnvironment = Pick<
  Environment,
  'filesDir' | 'filesFolder' | 'allowPrivateHosts' | 'serverCredentials'
>;
