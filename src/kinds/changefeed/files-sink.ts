/**
 * Writes messages to files, one message per line (NDJSON). A file is named after the job and the positions of its first
 * and last message, with digits of fixed width, so that names sort in message order. A file is written completely or
 * not at all. A file that was written but not recorded before a crash is written again under the same name.
 */

import type { Folder } from '../../storage/storage.ts';
import { formatFeedCursor } from './message.ts';
import type { Sink } from './sink.ts';

const BOUNDS = { rows: 10_000, bytes: 8 * 1024 * 1024 };
/** Avoids one file for each small change. */
const LINGER_MS = 250;
const PIECE_MESSAGES = 500;

export const filesSink = (folder: Folder, jobId: string): Sink => ({
  bounds: BOUNDS,
  lingerMs: LINGER_MS,
  delivered: async (after, signal) => {
    let last: number | null = null;
    const prefix = `${jobId}-${formatFeedCursor(after + 1)}-`;
    for await (const name of folder.list(prefix, signal)) {
      const [, end] = /^(\d{16})\.ndjson$/.exec(name.slice(prefix.length)) ?? [];
      if (end !== undefined) last = Math.max(last ?? 0, Number(end));
    }
    return last;
  },
  // biome-ignore lint/correctness/useYield: it never waits
  deliver: async function* ({ first, last, texts }, signal) {
    await folder.write(`${jobId}-${formatFeedCursor(first)}-${formatFeedCursor(last)}.ndjson`, pieces(texts), signal);
  },
  close: () => undefined,
});

function* pieces(texts: readonly string[]): Generator<Uint8Array, void, void> {
  for (let at = 0; at < texts.length; at += PIECE_MESSAGES) {
    yield Buffer.from(`${texts.slice(at, at + PIECE_MESSAGES).join('\n')}\n`);
  }
}
