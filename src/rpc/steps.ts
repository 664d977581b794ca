/**
 * Lets one thread see that another is busy with one statement: two numbers in shared memory, so that a step or a lock
 * costs almost nothing.
 */
const LOCKS = 0;
const STEPS = 1;

export const stepCounter = (shared: Int32Array) => ({
  locked: (isHeld: boolean) => {
    Atomics.add(shared, LOCKS, isHeld ? 1 : -1);
    Atomics.add(shared, STEPS, 1);
  },
  stepped: () => void Atomics.add(shared, STEPS, 1),
});

const LOOK_EVERY_MS = 500;

/** Calls `onStuck` when a lock has been held for `stuckMs` without a step. */
export const watchSteps = (shared: Int32Array, stuckMs: number, onStuck: (ms: number) => void): void => {
  let seen = Atomics.load(shared, STEPS);
  let since = performance.now();
  setInterval(
    () => {
      const steps = Atomics.load(shared, STEPS);
      const now = performance.now();
      if (steps !== seen || Atomics.load(shared, LOCKS) === 0) {
        seen = steps;
        since = now;
      } else if (now - since >= stuckMs) onStuck(stuckMs);
    },
    Math.min(LOOK_EVERY_MS, stuckMs / 2),
  );
};
