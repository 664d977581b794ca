/** Numbers that a seed determines. */
export interface Random {
  /** A whole number from 0 to one less than `end`. */
  below(end: number): number;
  /** True once in so many times. */
  once(times: number): boolean;
  pick<T>(values: readonly T[]): T;
}

/** Mulberry32. */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  };
  const below = (end: number) => next() % end;
  return { below, once: (times) => below(times) === 0, pick: (values) => values[below(values.length)] as never };
};
