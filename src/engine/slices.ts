/** Work in many small steps that would otherwise keep everything else waiting: it pauses after each slice of time. */
export interface Slices {
  /** Runs the step now, or after those that are waiting. */
  run(step: () => void): void;
}

const SLICE_MS = 4;
/** The clock is read once in so many steps. */
const STEPS = 8;

export const createSlices = (): Slices => {
  let waiting: (() => void)[] = [];
  let next = 0;
  let isRunning = false;
  let isScheduled = false;

  const go = () => {
    isRunning = true;
    const until = performance.now() + SLICE_MS;
    try {
      for (let step = waiting[next]; step !== undefined; step = waiting[next]) {
        next += 1;
        step();
        if (next % STEPS === 0 && performance.now() > until) break;
      }
    } finally {
      isRunning = false;
      goOn();
    }
  };
  const goOn = () => {
    if (next < waiting.length) {
      isScheduled = true;
      return void setImmediate(() => {
        isScheduled = false;
        go();
      });
    }
    waiting = [];
    next = 0;
  };
  return {
    run: (step) => {
      waiting.push(step);
      if (!isRunning && !isScheduled) go();
    },
  };
};
