/**
 * Finds the chunks of the parent's snapshot that a new chunk probably resembles: those with pages in common or, without
 * any, those at the position between its matched neighbours. Rows that moved are found even far from their old
 * position.
 */
import { MAX_DICTIONARY_BYTES } from '../../backup-format/delta.ts';

export interface Known {
  readonly sha256: string;
  readonly bytes: number;
  readonly fingerprints: readonly number[];
}

/** Returns the chunks to use as the dictionary of a chunk, in order; `isWide`: as many as are allowed. */
export type Align = (index: number, isWide: boolean) => readonly string[];

/** The range to include on both sides of the expected position of a chunk. */
const SLACK_BYTES = 1024 * 1024;

export const aligner = (parent: readonly Known[], newer: readonly Known[]): Align => {
  const starts = startsOf(parent);
  const parentBytes = starts.at(-1) ?? 0;
  const newStarts = startsOf(newer);
  const newBytes = newStarts.at(-1) ?? 0;
  const occurrences = occurrencesIn(parent);
  // The offset in the parent's snapshot at which each new chunk begins, where it is known.
  const similar = newer.map((chunk, i) =>
    mostSimilar(chunk, occurrences, (newStarts[i] ?? 0) * (parentBytes / Math.max(1, newBytes)), starts),
  );
  const anchors = similar.map((at) => (at === null ? null : (starts[at] ?? 0)));

  const before = nearest(anchors);
  const behind = nearest([...anchors].reverse())
    .map((at) => (at === -1 ? -1 : newer.length - 1 - at))
    .reverse();

  const estimate = (index: number): number => {
    const own = anchors[index] ?? null;
    if (own !== null) return own;
    const left = before[index] ?? -1;
    const right = behind[index] ?? -1;
    const fromNew = left === -1 ? 0 : (newStarts[left + 1] ?? 0);
    const fromParent = left === -1 ? 0 : (anchors[left] ?? 0) + (newer[left]?.bytes ?? 0);
    const toNew = right === -1 ? newBytes : (newStarts[right] ?? 0);
    const toParent = right === -1 ? parentBytes : (anchors[right] ?? 0);
    const share = ((newStarts[index] ?? 0) - fromNew) / Math.max(1, toNew - fromNew);
    return fromParent + share * (toParent - fromParent);
  };

  /** The expected range of a chunk's content in the parent's snapshot, in bytes. */
  const rangeOf = (index: number): readonly [number, number] => {
    const { bytes = 0 } = newer[index] ?? {};
    const from = estimate(index);
    const own = similar[index] ?? null;
    if (own === null) return [from, from + bytes];
    // It may begin before the similar chunk, and end after it.
    const size = parent[own]?.bytes ?? 0;
    const more = Math.max(0, bytes - size);
    return [from - more, from + size + more];
  };

  return (index, isWide) => {
    const [from, to] = rangeOf(index);
    const slack = isWide ? Math.max(SLACK_BYTES, (MAX_DICTIONARY_BYTES - (to - from)) / 2) : SLACK_BYTES;
    const found: Located[] = [];
    for (let i = firstBehind(starts, from - slack); i < parent.length; i++) {
      const { sha256 = '', bytes: size = 0 } = parent[i] ?? {};
      const start = starts[i] ?? 0;
      if (start >= to + slack) break;
      found.push({ sha256, bytes: size, start });
    }
    return nearestOf(found, (from + to) / 2);
  };
};

/** For each index, the last index before it with a known anchor; -1 if there is none. */
const nearest = (anchors: readonly (number | null)[]): number[] => {
  let last = -1;
  return anchors.map((anchor, i) => {
    const found = last;
    if (anchor !== null) last = i;
    return found;
  });
};

/** The index of the first chunk that ends after a byte offset. */
const firstBehind = (starts: readonly number[], byte: number): number => {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle + 1] ?? Number.POSITIVE_INFINITY) > byte) high = middle;
    else low = middle + 1;
  }
  return low;
};

interface Located {
  readonly sha256: string;
  readonly bytes: number;
  readonly start: number;
}

/** The chunks nearest to an offset, as many as fit, in order. */
const nearestOf = (found: readonly Located[], middle: number): readonly string[] => {
  const far = ({ start, bytes }: Located) => Math.abs(start + bytes / 2 - middle);
  let left = MAX_DICTIONARY_BYTES;
  const kept = new Set<Located>();
  for (const chunk of [...found].sort((a, b) => far(a) - far(b))) {
    if (chunk.bytes > left) continue;
    left -= chunk.bytes;
    kept.add(chunk);
  }
  return found.filter((chunk) => kept.has(chunk)).map(({ sha256 }) => sha256);
};

const startsOf = (chunks: readonly Known[]): readonly number[] => {
  const starts = [0];
  for (const { bytes } of chunks) starts.push((starts.at(-1) ?? 0) + bytes);
  return starts;
};

type Occurrences = ReadonlyMap<string | number, readonly number[]>;

const occurrencesIn = (chunks: readonly Known[]): Occurrences => {
  const occurrences = new Map<string | number, number[]>();
  for (const [i, { sha256, fingerprints }] of chunks.entries()) {
    for (const key of [sha256, ...fingerprints]) {
      const at = occurrences.get(key);
      if (at === undefined) occurrences.set(key, [i]);
      // A page that occurs everywhere, such as an empty page, identifies nothing.
      else if (at.length < 8) at.push(i);
    }
  }
  return occurrences;
};

/** A single common page may be a coincidence. */
const ENOUGH = 2;

const mostSimilar = (
  chunk: Known,
  occurrences: Occurrences,
  expected: number,
  starts: readonly number[],
): number | null => {
  const votes = new Map<number, number>();
  for (const at of occurrences.get(chunk.sha256) ?? []) votes.set(at, ENOUGH);
  for (const fingerprint of chunk.fingerprints) {
    for (const at of occurrences.get(fingerprint) ?? []) votes.set(at, (votes.get(at) ?? 0) + 1);
  }
  const far = (at: number) => Math.abs((starts[at] ?? 0) - expected);
  const [best] = [...votes].filter(([, count]) => count >= ENOUGH).sort(([a, n], [b, m]) => m - n || far(a) - far(b));
  return best?.[0] ?? null;
};
