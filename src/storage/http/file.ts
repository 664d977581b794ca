/**
 * Files over http and https, read only. A file is identified by its size, ETag and Last-Modified. A read that starts at
 * an offset requests a range. If the server sends the whole file instead, the bytes before the offset are skipped.
 * Bytes are returned as they are stored; Content-Encoding is ignored.
 */
import type { IncomingMessage } from 'node:http';
import { Transient } from '../../jobs/kind.ts';
import { failureOf, get, type HttpLimits, type HttpPlace } from '../../net/request.ts';
import type { Stored, StoredStat } from '../storage.ts';
import { redact, StorageError } from '../url.ts';

const LIMITS: HttpLimits = { idleMs: 30_000 };

export const openHttp = (url: URL, allowed: readonly string[], limits = LIMITS): Stored => {
  const source: HttpPlace = { url, redacted: redact(url.href), allowed, limits, done: 'read' };
  // As of the last stat or read: a body of another version is not read.
  let known: StoredStat | null = null;
  return {
    url: source.redacted,
    stat: async (signal = new AbortController().signal) => {
      // Not HEAD: many signed URLs allow only GET.
      const response = await get(source, { ...PLAIN, range: 'bytes=0-0' }, signal);
      response.destroy();
      known = statOf(source, response);
      return known;
    },
    read: (fromByte, signal) => readHttp(source, fromByte, signal, () => known),
  };
};

const PLAIN = { 'accept-encoding': 'identity', 'user-agent': 'signalbox' };

async function* readHttp(
  source: HttpPlace,
  fromByte: number,
  signal: AbortSignal,
  known: () => StoredStat | null,
): AsyncGenerator<Uint8Array, void, void> {
  if (fromByte > 0 && fromByte === known()?.size) return;
  const range = fromByte === 0 ? {} : { range: `bytes=${fromByte}-` };
  const response = await get(source, { ...PLAIN, ...range }, signal);
  try {
    const stat = statOf(source, response);
    const expected = known();
    if (expected !== null && expected.version !== stat.version) throw changed(source);
    let at = beginOf(source, response, fromByte);
    for await (const chunk of bodyOf(source, response, signal)) {
      const from = Math.max(0, fromByte - at);
      at += chunk.length;
      if (from < chunk.length) yield from === 0 ? chunk : chunk.subarray(from);
    }
    if (stat.size !== null && at < stat.size) throw new Transient(`${source.redacted} ended too early`);
  } finally {
    response.destroy();
  }
}

/** A chunk that is late ends the body. A chunk that was not requested yet is not late. */
export async function* bodyOf(
  source: HttpPlace,
  response: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const { idleMs } = source.limits;
  const end = () => response.destroy(new Transient(`${source.redacted} has sent nothing for ${idleMs / 1000} s`));
  let late = setTimeout(end, idleMs);
  try {
    for await (const chunk of response) {
      clearTimeout(late);
      yield chunk as Uint8Array;
      signal.throwIfAborted();
      late = setTimeout(end, idleMs);
    }
  } catch (error) {
    throw failureOf(source, error, signal);
  } finally {
    clearTimeout(late);
  }
}

/** The offset in the file at which the body begins. */
const beginOf = (source: HttpPlace, response: IncomingMessage, fromByte: number): number => {
  if (response.statusCode === 200) return 0;
  const [, begin] = CONTENT_RANGE.exec(response.headers['content-range'] ?? '') ?? [];
  // The bytes to be read no longer exist.
  if (response.statusCode === 416) throw changed(source);
  if (begin === undefined || Number(begin) !== fromByte) {
    throw new StorageError(`${source.redacted} sends another part than it was asked for`);
  }
  return fromByte;
};

const CONTENT_RANGE = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/i;

const statOf = (source: HttpPlace, { statusCode, headers }: IncomingMessage): StoredStat => {
  const [, , total] = CONTENT_RANGE.exec(headers['content-range'] ?? '') ?? [];
  const lengthText = statusCode === 200 ? headers['content-length'] : total;
  const size = lengthText === undefined || !/^\d+$/.test(lengthText) ? null : Number(lengthText);
  if (statusCode === 416 && size !== 0) throw new StorageError(`${source.redacted} cannot be read (416)`);
  const { etag = '', 'last-modified': modified = '' } = headers;
  return { size, version: [size ?? '', etag, modified].join(' ') };
};

const changed = ({ redacted }: HttpPlace) => new StorageError(`${redacted} has changed since the job was created`);
